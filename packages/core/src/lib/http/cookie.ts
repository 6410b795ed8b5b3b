import * as v from 'valibot';
import { trimOptionalWhitespace } from '../util/optional-whitespace.js';
import { boolean, oneOf, optionsOf } from '../util/schema.js';
import { type PresentedToken, readToken } from './presented-token.js';

/** The attributes of the cookie that a host may choose. */
export interface CookieOptions {
  /** The `SameSite` attribute. @default 'Lax'; 'None' with `partitioned` */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Names the cookie `__Host-verification-login_{appId}`, which no subdomain can set. @default false */
  readonly hostPrefix?: boolean;
  /**
   * Adds `Partitioned` (CHIPS): a page on another site can use the API where third-party cookies are blocked. Needs
   * `sameSite: 'None'`. @default false
   */
  readonly partitioned?: boolean;
  /**
   * Leaves out `Secure`, for tests and browsers that do not store such a cookie from `http://localhost`. Refused with
   * `NODE_ENV=production`, an https `publicUrl` or `baseUrl`, and attributes that need `Secure`. @default false
   */
  readonly dangerouslyAllowHttp?: boolean;
}

export interface CookieConfig {
  readonly name: string;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
  readonly secure: boolean;
  readonly partitioned: boolean;
}

/** A cookie to set, in the form that `cookies().set()` of Next.js and the npm package `cookie` take. */
export interface OtpCookie {
  readonly name: string;
  /** Empty in a cookie that clears the one of that name. */
  readonly value: string;
  readonly options: {
    readonly path: '/';
    readonly httpOnly: true;
    readonly secure: boolean;
    readonly sameSite: 'strict' | 'lax' | 'none';
    /** Seconds. 0 clears the cookie. */
    readonly maxAge: number;
    readonly partitioned?: true;
  };
}

export const COOKIE_OPTIONS = optionsOf<CookieOptions>()({
  sameSite: v.optional(oneOf(['Strict', 'Lax', 'None'])),
  hostPrefix: v.optional(boolean(), false),
  partitioned: v.optional(boolean(), false),
  dangerouslyAllowHttp: v.optional(boolean(), false),
});

/** `__verification-login_{app_id}`, or the `__Host-` form that a subdomain cannot overwrite. */
export function cookieName(appId: string, hostPrefix: boolean): string {
  return hostPrefix ? `__Host-verification-login_${appId}` : `__verification-login_${appId}`;
}

/**
 * Resolves the option `cookie`.
 *
 * @param isProduction whether `NODE_ENV` is `production`, or clients reach the service by https
 * @throws TypeError for attributes that contradict each other
 */
export function resolveCookie(
  appId: string,
  options: v.InferOutput<typeof COOKIE_OPTIONS>,
  { isProduction }: { readonly isProduction: boolean },
): CookieConfig {
  const { hostPrefix, partitioned, dangerouslyAllowHttp } = options;
  const { sameSite = partitioned ? 'None' : 'Lax' } = options;
  if (partitioned && sameSite !== 'None') {
    throw new TypeError(
      "cookie.partitioned needs cookie.sameSite 'None': other cookies are not sent by pages on other sites.",
    );
  }
  if (dangerouslyAllowHttp && isProduction) {
    throw new TypeError(
      'cookie.dangerouslyAllowHttp must not be set in production: with NODE_ENV=production, or with an https publicUrl or baseUrl.',
    );
  }
  if (dangerouslyAllowHttp && (hostPrefix || sameSite === 'None')) {
    throw new TypeError(
      "cookie.dangerouslyAllowHttp must not be set with cookie.hostPrefix, cookie.partitioned or cookie.sameSite 'None': browsers refuse these without Secure.",
    );
  }
  const secure = !dangerouslyAllowHttp;
  return { name: cookieName(appId, hostPrefix), sameSite, secure, partitioned };
}

/** The cookie of a new verification; `maxAge` is the rest of its life in seconds. */
export function verificationCookie(
  { name, sameSite, secure, partitioned }: CookieConfig,
  value: string,
  maxAge: number,
): OtpCookie {
  const options = {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: SAME_SITE[sameSite],
    maxAge,
    ...(partitioned && { partitioned }),
  } as const;
  return { name, value, options };
}

const SAME_SITE = { Strict: 'strict', Lax: 'lax', None: 'none' } as const;

/** The outcome of a request that presented a verification. */
export interface Outcome {
  readonly ok: boolean;
  readonly code?: string;
  readonly attemptsLeft?: number;
}

/** Whether an outcome clears the cookie: a success, the last wrong code, and every 401. */
export function clearsCookie({ ok, code, attemptsLeft }: Outcome): boolean {
  return ok || attemptsLeft === 0 || code === 'unauthorized';
}

export function clearedCookie(cookie: CookieConfig): OtpCookie {
  return verificationCookie(cookie, '', 0);
}

/** The value of a `Set-Cookie` header (RFC 6265bis), byte for byte as the contract has it. */
export function serializeCookie({ name, value, options }: OtpCookie): string {
  const { path, secure, sameSite, maxAge, partitioned } = options;
  const site = `${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`;
  const attributes = [
    `Path=${path}`,
    'HttpOnly',
    ...(secure ? ['Secure'] : []),
    `SameSite=${site}`,
    `Max-Age=${maxAge}`,
    ...(partitioned ? ['Partitioned'] : []),
  ];
  return [`${name}=${value}`, ...attributes].join('; ');
}

/**
 * Finds our cookie in the `Cookie` header fields. Of two cookies of one name, one was set by somebody else (RFC 6265, 8.6),
 * so neither counts.
 */
export function readVerificationCookie(fields: readonly string[], name: string): PresentedToken {
  const values: string[] = [];
  for (const pair of fields.join(';').split(';')) {
    const equals = pair.indexOf('=');
    // With another space before it, `__Host-` is no prefix for a browser, which lets a subdomain set it (RFC 6265, 5.2).
    if (equals !== -1 && trimOptionalWhitespace(pair.slice(0, equals)) === name) {
      values.push(trimOptionalWhitespace(pair.slice(equals + 1)));
    }
  }
  return readToken(values);
}
