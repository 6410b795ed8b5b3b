import * as v from 'valibot';
import { trimOptionalWhitespace } from '../util/optional-whitespace.js';
import { boolean, oneOf, optionsOf } from '../util/schema.js';
import type { Outcome } from './outcome.js';

export interface CookieOptions {
  /** The `SameSite` attribute. @default 'Lax' */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Names the cookie `__Host-verification-login_{appId}`, which no subdomain can set. @default false */
  readonly hostPrefix?: boolean;
}

export interface CookieConfig {
  readonly name: string;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
}

export const COOKIE_OPTIONS = optionsOf<CookieOptions>()({
  sameSite: v.optional(oneOf(['Strict', 'Lax', 'None']), 'Lax'),
  hostPrefix: v.optional(boolean(), false),
});

/** 32 bytes as base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** `__verification-login_{app_id}`, or the `__Host-` form that a subdomain cannot overwrite. */
export function cookieName(appId: string, hostPrefix: boolean): string {
  return hostPrefix ? `__Host-verification-login_${appId}` : `__verification-login_${appId}`;
}

export function resolveCookie(
  appId: string,
  { sameSite, hostPrefix }: v.InferOutput<typeof COOKIE_OPTIONS>,
): CookieConfig {
  return { name: cookieName(appId, hostPrefix), sameSite };
}

/** The `Set-Cookie` value of a new verification (RFC 6265bis); `maxAgeSeconds` is the rest of its life. */
export function verificationCookie(
  cookie: CookieConfig,
  token: string,
  maxAgeSeconds: number,
): string {
  return `${cookie.name}=${token}; Path=/; HttpOnly; Secure; SameSite=${cookie.sameSite}; Max-Age=${maxAgeSeconds}`;
}

export function clearedCookie(cookie: CookieConfig): string {
  return verificationCookie(cookie, '', 0);
}

/**
 * The `Set-Cookie` value that goes with an outcome, or none. A new verification sets the cookie. A success, the last
 * wrong code, and a 401 to a request that has a cookie of our name clear it.
 */
export function cookieFor(
  cookie: CookieConfig,
  outcome: Outcome,
  /** Called only where the request decides: an adapter that fails here must not fail a success. */
  readFields: () => readonly string[],
): string | undefined {
  if (outcome.ok) {
    const { opened, isOver } = outcome;
    if (opened !== undefined) return verificationCookie(cookie, opened.token, opened.ttlSeconds);
    return isOver ? clearedCookie(cookie) : undefined;
  }
  const { code, attemptsLeft } = outcome;
  const isCleared =
    attemptsLeft === 0 ||
    (code === 'unauthorized' && hasVerificationCookie(readFields(), cookie.name));
  return isCleared ? clearedCookie(cookie) : undefined;
}

/** Whether there is a cookie of our name, with any value. */
function hasVerificationCookie(fields: readonly string[], name: string): boolean {
  const read = readVerificationCookie(fields, name);
  return read.ok || read.reason !== 'no_handle';
}

/**
 * Finds our cookie in the `Cookie` header fields. Of two cookies of one name, one was set by somebody else (RFC 6265, 8.6),
 * so neither counts.
 */
export function readVerificationCookie(
  fields: readonly string[],
  name: string,
):
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: 'no_handle' | 'two_handles' | 'malformed' } {
  const values: string[] = [];
  for (const pair of fields.join(';').split(';')) {
    const equals = pair.indexOf('=');
    // With another space before it, `__Host-` is no prefix for a browser, which lets a subdomain set it (RFC 6265, 5.2).
    if (equals !== -1 && trimOptionalWhitespace(pair.slice(0, equals)) === name) {
      values.push(trimOptionalWhitespace(pair.slice(equals + 1)));
    }
  }
  const [token] = values;
  if (token === undefined) return { ok: false, reason: 'no_handle' };
  if (values.length > 1) return { ok: false, reason: 'two_handles' };
  return TOKEN.test(token) ? { ok: true, token } : { ok: false, reason: 'malformed' };
}
