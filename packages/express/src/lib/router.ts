import type { OtpService } from '@otp/core';
import {
  assertService,
  type OtpRequest,
  optionsOf,
  parseOptions,
  rawHeaderValues,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';
import type { Request, RequestHandler } from 'express';
import { readBody } from './read-body.js';
import { writeResponse } from './write-response.js';

/** Options of `otpRouter`. */
export interface OtpRouterOptions extends SessionOptions<Request> {}

const schema = optionsOf<OtpRouterOptions>()({ session: sessionOption<Request>() });

/**
 * Creates the handler of a service's routes, for Express 5 and 4.
 *
 * Mount it with `app.use`, under any prefix, before or after a body parser. The client address is `req.ip`: set
 * Express's `trust proxy` to the proxies in front of the app.
 *
 * @param service the service from `createOtpService`
 * @param options see `OtpRouterOptions`
 * @returns a handler that answers everything below its mount point
 * @throws TypeError that names the argument or option, and says what to write
 * @example app.use('/v1/session/otp', otpRouter(service));
 */
export function otpRouter(service: OtpService, options: OtpRouterOptions = {}): RequestHandler {
  assertService(service, 'otpRouter(service)');
  const { session } = parseOptions(schema, options, 'otpRouter()');
  return (req, res, next) => {
    service
      .handle(toOtpRequest(req, session))
      .then((response) => writeResponse(req, res, response))
      .catch(next);
  };
}

function toOtpRequest(req: Request, session: OtpRouterOptions['session']): OtpRequest {
  return {
    method: req.method,
    path: req.path,
    header: (name) => rawHeaderValues(req.rawHeaders, name),
    body: (maxBytes) => readBody(req, maxBytes),
    clientAddress: req.ip,
    session: session && (() => session(req)),
    url: () => publicUrl(req),
  };
}

/** The URL that the client requested, as far as `trust proxy` allows: Express 4 has no `req.host` with the port. */
function publicUrl(req: Request): string {
  const forwarded = req.get('x-forwarded-host')?.split(',')[0]?.trim();
  const trusts = req.app.get('trust proxy fn') as (address: unknown, hop: number) => boolean;
  const isTrusted = forwarded !== undefined && trusts(req.socket.remoteAddress, 0);
  const host = isTrusted ? forwarded : req.get('host');
  return `${req.protocol}://${host ?? ''}${req.baseUrl}${req.path}`;
}
