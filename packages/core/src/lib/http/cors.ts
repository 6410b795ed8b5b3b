import type { OtpConfig } from '../config.js';
import type { OtpRequest, OtpResponse } from './otp-request.js';

type Header = readonly [name: string, value: string];

const ALLOWED_HEADERS = 'content-type, accept, authorization, dpop, x-sdk-user-agent';
const EXPOSED_HEADERS = 'date, retry-after';
const PREFLIGHT_SECONDS = '600';

/** False for an `Origin` that is not listed, where any are. Native clients send none and are let in. */
export function isAllowedOrigin({ origins }: OtpConfig, { header }: OtpRequest): boolean {
  if (origins === undefined) return true;
  const fields = header('origin');
  const [origin] = fields;
  return origin === undefined || (fields.length === 1 && origins.has(origin));
}

/** Adds what lets a page of a listed origin read the answer (Fetch standard, CORS protocol). */
export function withCors(
  config: OtpConfig,
  request: OtpRequest,
  response: OtpResponse,
): OtpResponse {
  if (config.origins === undefined) return response;
  const headers: Header[] = [...response.headers, ['vary', 'Origin']];
  const [origin] = request.header('origin');
  if (origin !== undefined && isAllowedOrigin(config, request)) {
    headers.push(
      ['access-control-allow-origin', origin],
      ['access-control-allow-credentials', 'true'],
      ['access-control-expose-headers', EXPOSED_HEADERS],
    );
  }
  return { ...response, headers };
}

export function preflightResponse(methods: string): OtpResponse {
  return {
    status: 204,
    headers: [
      ['cache-control', 'no-store'],
      ['allow', methods],
      ['access-control-allow-methods', methods],
      ['access-control-allow-headers', ALLOWED_HEADERS],
      ['access-control-max-age', PREFLIGHT_SECONDS],
    ],
    body: null,
  };
}
