import { ERRORS, type Failure } from '../errors.js';
import { type OtpCookie, serializeCookie } from './cookie.js';
import type { OtpResponse } from './otp-request.js';

type Header = readonly [name: string, value: string];

const NO_STORE: Header = ['cache-control', 'no-store'];
/** Every response has it. */
export const NO_SNIFF: Header = ['x-content-type-options', 'nosniff'];
const JSON_BODY: Header = ['content-type', 'application/json'];

/** Puts a success into HTTP, with the cookie that goes with it. */
export function toResponse(
  status: 200 | 204,
  json: object | null,
  cookie?: OtpCookie,
): OtpResponse {
  const headers = json === null ? [NO_STORE] : [NO_STORE, JSON_BODY];
  const body = json === null ? null : JSON.stringify(json);
  return { status, headers: withCookie(headers, cookie), body };
}

/**
 * Puts a failure into HTTP: `{ code, type, message?, attempts_left? }`, with `Retry-After` in seconds where it is known.
 *
 * @param failure its code decides the status, by `ERRORS`
 * @param cookie the cookie that the response sets or clears
 * @returns the response as plain data
 */
export function toErrorResponse(
  { code, message, retryAfterSeconds, attemptsLeft }: Failure,
  cookie?: OtpCookie,
): OtpResponse {
  const { type, status } = ERRORS[code];
  const headers: Header[] = [NO_STORE, JSON_BODY];
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(retryAfterSeconds)]);
  const body = JSON.stringify({ code, type, message, attempts_left: attemptsLeft });
  return { status, headers: withCookie(headers, cookie), body };
}

const KEY_SET_SECONDS = 300;

/** The response of `GET /jwks.json`, the only one that may be cached. */
export function toKeySetResponse(jwks: string): OtpResponse {
  const headers: Header[] = [
    ['cache-control', `public, max-age=${KEY_SET_SECONDS}`],
    ['content-type', 'application/jwk-set+json'],
  ];
  return { status: 200, headers, body: jwks };
}

function withCookie(headers: readonly Header[], cookie: OtpCookie | undefined): readonly Header[] {
  return cookie === undefined ? headers : [...headers, ['set-cookie', serializeCookie(cookie)]];
}
