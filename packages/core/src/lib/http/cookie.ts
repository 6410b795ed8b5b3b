import { trimOuterSpace } from '../util/outer-space.js';

export interface CookieConfig {
  readonly name: string;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
}

/** 32 bytes as base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** `__verification-login_{app_id}`, or the `__Host-` form that a subdomain cannot overwrite. */
export function cookieName(appId: string, hostPrefix: boolean): string {
  return hostPrefix ? `__Host-verification-login_${appId}` : `__verification-login_${appId}`;
}

/** The `Set-Cookie` value of a new verification (RFC 6265bis); `maxAgeSeconds` is what is left of its life. */
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
 * Looks for our cookie in the `Cookie` header fields. `present`: a cookie of our name came, whatever it
 * holds. `token`: exactly one came and it has the form of a token. Two of one name mean that somebody
 * else set one of them (RFC 6265, 8.6), so neither counts.
 */
export function readVerificationCookie(
  fields: readonly string[],
  name: string,
): { present: boolean; token?: string } {
  const values: string[] = [];
  for (const pair of fields.join(';').split(';')) {
    const equals = pair.indexOf('=');
    // Behind any other space a browser sees no `__Host-`, and lets a subdomain set it (RFC 6265, 5.2).
    if (equals !== -1 && trimOuterSpace(pair.slice(0, equals)) === name) {
      values.push(trimOuterSpace(pair.slice(equals + 1)));
    }
  }
  const [value] = values;
  if (value === undefined) return { present: false };
  return values.length === 1 && TOKEN.test(value)
    ? { present: true, token: value }
    : { present: true };
}
