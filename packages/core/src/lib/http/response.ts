import { ERRORS, type Failure } from '../errors.js';
import type { OtpResponse } from './otp-request.js';
import type { Outcome } from './outcome.js';

type Header = readonly [name: string, value: string];

const NO_STORE: Header = ['cache-control', 'no-store'];
const JSON_BODY: Header = ['content-type', 'application/json'];

/** Puts an outcome into HTTP, with the `Set-Cookie` value that goes with it. */
export function toResponse(outcome: Outcome, setCookie?: string): OtpResponse {
  if (!outcome.ok) return toErrorResponse(outcome, setCookie);
  const { status, body = null } = outcome;
  const headers = body === null ? [NO_STORE] : [NO_STORE, JSON_BODY];
  return { status, headers: withCookie(headers, setCookie), body };
}

/**
 * Puts a failure into HTTP: `{ code, type, message?, attempts_left? }`, with `Retry-After` in seconds where it is known.
 *
 * @param failure its code decides the status, by `ERRORS`
 * @param setCookie the value of a `Set-Cookie` header
 * @returns the response as plain data
 */
export function toErrorResponse(
  { code, message, retryAfterSeconds, attemptsLeft }: Failure,
  setCookie?: string,
): OtpResponse {
  const { type, status } = ERRORS[code];
  const headers: Header[] = [NO_STORE, JSON_BODY];
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(retryAfterSeconds)]);
  const body = JSON.stringify({ code, type, message, attempts_left: attemptsLeft });
  return { status, headers: withCookie(headers, setCookie), body };
}

function withCookie(headers: readonly Header[], setCookie: string | undefined): readonly Header[] {
  return setCookie === undefined ? headers : [...headers, ['set-cookie', setCookie]];
}
