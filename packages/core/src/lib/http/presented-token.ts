/** 32 bytes as base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token of a verification as a request presents it, or why there is none. */
export type PresentedToken =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: 'no_handle' | 'two_handles' | 'malformed' };

export const NO_HANDLE: PresentedToken = { ok: false, reason: 'no_handle' };

export const TWO_HANDLES: PresentedToken = { ok: false, reason: 'two_handles' };

/** Reads the token that a request presents. */
export function readToken(value: unknown): PresentedToken {
  return typeof value === 'string' && TOKEN.test(value)
    ? { ok: true, token: value }
    : { ok: false, reason: 'malformed' };
}
