import type { OtpService } from '@otp/core';
import {
  assertKnownOptions,
  assertService,
  type OptionNames,
  type OtpRequest,
} from '@otp/core/adapter';
import type { Request, RequestHandler } from 'express';
import { readBody } from './read-body.js';
import { writeResponse } from './write-response.js';

export interface OtpRouterOptions {
  /**
   * Id of the session that asks, null when nobody is signed in. With it, a challenge token of another
   * session is a `token_mismatch`. @default the host does not say
   */
  readonly session?: (
    request: Request,
  ) => string | null | undefined | Promise<string | null | undefined>;
}

const OPTIONS: OptionNames<OtpRouterOptions> = { session: true };

/**
 * The routes of a service for `app.use('/v1/session/otp', otpRouter(service))`, in Express 5 and 4, under
 * any prefix, with or without a body parser before it. The client address is `req.ip`: set Express's
 * `trust proxy` to what stands in front of the app.
 * @throws TypeError for a service or an option that cannot be meant.
 */
export function otpRouter(service: OtpService, options: OtpRouterOptions = {}): RequestHandler {
  assertService(service, 'What otpRouter is given first');
  assertKnownOptions(options, OPTIONS, 'otpRouter');
  const { session } = options;
  if (session !== undefined && typeof session !== 'function') {
    throw new TypeError('session must be a function of the request.');
  }
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
    header: (name) => headerValues(req.rawHeaders, name),
    body: (maxBytes) => readBody(req, maxBytes),
    clientAddress: req.ip,
    session: session && (() => session(req)),
    url: () => publicUrl(req),
  };
}

/**
 * What the client has called, as far as `trust proxy` says. Express 5 has `req.host` for it; in Express 4
 * that name is another thing.
 */
function publicUrl(req: Request): string {
  const forwarded = req.get('x-forwarded-host')?.split(',')[0]?.trim();
  const trusts = req.app.get('trust proxy fn') as (address: unknown, hop: number) => boolean;
  const isTrusted = forwarded !== undefined && trusts(req.socket.remoteAddress, 0);
  const host = isTrusted ? forwarded : req.get('host');
  return `${req.protocol}://${host ?? ''}${req.baseUrl}${req.path}`;
}

/** Node joins or drops repeated fields in `req.headers`; whether one came twice matters here. */
function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? '';
    if (field.length === name.length && field.toLowerCase() === name) {
      values.push(rawHeaders[index + 1] ?? '');
    }
  }
  return values;
}
