import {
  type CookieConfig,
  clearedCookie,
  clearsCookie,
  type OtpCookie,
  type Outcome,
  readVerificationCookie,
  verificationCookie,
} from './cookie.js';
import type { OtpRequest } from './otp-request.js';
import { type PresentedToken, readToken } from './presented-token.js';

/** How a client holds its verification: in the cookie, in the header `X-Verification-Token`, or in both. */
export type Transport = (typeof TRANSPORTS)[number];

export const TRANSPORTS = ['cookie', 'header', 'both'] as const;

/** The name of the header field, in requests and responses. */
export const TOKEN_HEADER = 'x-verification-token';

export interface TransportConfig {
  readonly transport: Transport;
  readonly cookie: CookieConfig;
}

/** The token of a verification, and the field that carries it; none if there is no token. */
export type PresentedHandle = PresentedToken & { readonly carrier?: 'header' | 'cookie' };

/** Reads the handle of a request. With `both` the header decides if there is one, even a malformed one. */
export function readHandle(
  { transport, cookie }: TransportConfig,
  header: OtpRequest['header'],
): PresentedHandle {
  if (transport !== 'cookie') {
    const fields = header(TOKEN_HEADER);
    if (fields.length > 0) return { ...readToken(fields), carrier: 'header' };
    if (transport === 'header') return readToken([]);
  }
  const read = readVerificationCookie(header('cookie'), cookie.name);
  const isAbsent = !read.ok && read.reason === 'no_handle';
  return isAbsent ? read : { ...read, carrier: 'cookie' };
}

/** The cookie of a new verification; none where only the header carries it. */
export function cookieOfCreate(
  { transport, cookie }: TransportConfig,
  token: string,
  ttlSeconds: number,
): OtpCookie | undefined {
  return transport === 'header' ? undefined : verificationCookie(cookie, token, ttlSeconds);
}

/** The cookie that clears that of a verification which is over, if the request has a cookie of our name. */
export function cookieOfEnd(
  { transport, cookie }: TransportConfig,
  { carrier }: PresentedHandle,
  outcome: Outcome,
): OtpCookie | undefined {
  return clearsCookie(outcome) && carrier === 'cookie' && transport !== 'header'
    ? clearedCookie(cookie)
    : undefined;
}
