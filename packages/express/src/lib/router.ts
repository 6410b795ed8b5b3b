import type { OtpService } from '@otp/core';
import {
  assertService,
  type ClientAddressOptions,
  clientAddressOption,
  type OtpRequest,
  optionsOf,
  parseOptions,
  rawHeaderValues,
  readForwarded,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';
import type { Request, RequestHandler } from 'express';
import { readBody } from './read-body.js';
import { writeResponse } from './write-response.js';

/** Options of `otpRouter`. */
export interface OtpRouterOptions extends SessionOptions<Request> {
  /**
   * Where to read the client address, if your proxies write it to another field than `x-forwarded-for`, which Express
   * reads by its `trust proxy`.
   * @default the address that Express finds
   */
  readonly clientAddress?: ClientAddressOptions;
}

const schema = optionsOf<OtpRouterOptions>()({
  clientAddress: clientAddressOption,
  session: sessionOption<Request>(),
});

function resolveOptions(options: OtpRouterOptions) {
  return parseOptions(schema, options, 'otpRouter()');
}

/**
 * Creates the handler of a service's routes, for Express 5 and 4.
 *
 * Mount it with `app.use`, under any prefix, before or after a body parser. Set Express's `trust proxy` to the proxies in
 * front of the app, or the option `clientAddress`.
 *
 * @param service the service from `createOtpService`
 * @param options see `OtpRouterOptions`
 * @returns a handler that answers everything below its mount point
 * @throws TypeError that names the argument or option, and says what to write
 * @example app.use('/v1/session/otp', otpRouter(service));
 */
export function otpRouter(service: OtpService, options: OtpRouterOptions = {}): RequestHandler {
  assertService(service, 'otpRouter(service)');
  const config = resolveOptions(options);
  return (req, res, next) => {
    service
      .handle(toOtpRequest(req, config))
      .then((response) => writeResponse(req, res, response))
      .catch(next);
  };
}

function toOtpRequest(
  req: Request,
  { clientAddress, session }: ReturnType<typeof resolveOptions>,
): OtpRequest {
  const header = (name: string) => rawHeaderValues(req, name);
  return {
    method: req.method,
    path: req.path,
    header,
    body: (maxBytes) => readBody(req, maxBytes),
    clientAddress: (clientAddress && readForwarded(header, clientAddress)) ?? addressOf(req),
    session: session && (() => session(req)),
    url: () => requestUrl(req),
  };
}

/** `req.ip`, also where a package that runs Express on Lambda or in Fastify has set it, and perhaps no `req.ips`. */
function addressOf({ ip, ips }: Pick<Request, 'ip'> & { ips?: string[] }): string | undefined {
  return ips?.[0] || ip || undefined;
}

/** The URL that the client requested, as far as `trust proxy` allows: Express 4 has no `req.host` with the port. */
function requestUrl(req: Request): string {
  const forwarded = req.get('x-forwarded-host')?.split(',')[0]?.trim();
  const trusts = req.app.get('trust proxy fn') as (address: unknown, hop: number) => boolean;
  const isTrusted = forwarded !== undefined && trusts(req.socket.remoteAddress, 0);
  const host = isTrusted ? forwarded : req.get('host');
  return `${req.protocol}://${host ?? ''}${req.baseUrl}${req.path}`;
}
