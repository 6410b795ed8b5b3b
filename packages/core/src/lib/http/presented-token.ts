/** 32 bytes as base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token of a verification as a request presents it, or why there is none. */
export type PresentedToken =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: 'no_handle' | 'two_handles' | 'malformed' };

/**
 * Reads a token of which a request may present one only.
 *
 * @param values every value with which the request presents it
 */
export function readToken(values: readonly unknown[]): PresentedToken {
  const [token] = values;
  if (values.length === 0) return { ok: false, reason: 'no_handle' };
  if (values.length > 1) return { ok: false, reason: 'two_handles' };
  return typeof token === 'string' && TOKEN.test(token)
    ? { ok: true, token }
    : { ok: false, reason: 'malformed' };
}
