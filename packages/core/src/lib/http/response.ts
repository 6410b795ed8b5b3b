import { ERRORS, type Failure } from '../errors.js';
import type { CookieConfig } from './cookie.js';
import { clearedCookie } from './cookie.js';
import type { OtpResponse } from './otp-request.js';
import type { Reply } from './reply.js';

type Header = readonly [name: string, value: string];

const NO_STORE: Header = ['cache-control', 'no-store'];
const JSON_BODY: Header = ['content-type', 'application/json'];

export function toResponse({ status, body, setCookie }: Reply): OtpResponse {
  const headers: Header[] = [NO_STORE];
  if (body !== undefined) headers.push(JSON_BODY);
  if (setCookie !== undefined) headers.push(['set-cookie', setCookie]);
  return { status, headers, body: body ?? null };
}

/**
 * Puts a failure into HTTP by the one table of codes: `{ code, type, message?, attempts_left? }`, with
 * `Retry-After` in seconds where it is known. `clear`: the cookie to clear with it.
 */
export function toErrorResponse(
  { code, message, retryAfterSeconds, attemptsLeft }: Failure,
  { clear }: { clear?: CookieConfig | undefined } = {},
): OtpResponse {
  const { type, status } = ERRORS[code];
  const headers: Header[] = [NO_STORE, JSON_BODY];
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(retryAfterSeconds)]);
  if (clear !== undefined) headers.push(['set-cookie', clearedCookie(clear)]);
  const body = JSON.stringify({ code, type, message, attempts_left: attemptsLeft });
  return { status, headers, body };
}
