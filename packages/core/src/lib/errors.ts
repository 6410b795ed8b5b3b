import type { LimitName } from './ports.js';

/** The error codes of the contract, on which clients branch. */
export type ErrorCode =
  | 'bad_request'
  | 'invalid_challenge_token'
  | 'expired_challenge_token'
  | 'token_mismatch'
  | 'bad_check_code'
  | 'unauthorized'
  | 'auth_blocked'
  | 'not_found'
  | 'token_reused'
  | 'rate_limited'
  | 'internal';

interface ErrorRow {
  readonly type: string;
  readonly status: number;
}

/** The map from code to `type` in the body and HTTP status. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = {
  bad_request: { type: 'bad_request', status: 400 },
  invalid_challenge_token: { type: 'bad_request', status: 400 },
  expired_challenge_token: { type: 'bad_request', status: 400 },
  token_mismatch: { type: 'bad_request', status: 400 },
  bad_check_code: { type: 'bad_request', status: 400 },
  unauthorized: { type: 'unauthorized', status: 401 },
  auth_blocked: { type: 'forbidden', status: 403 },
  not_found: { type: 'not_found', status: 404 },
  token_reused: { type: 'conflict', status: 409 },
  rate_limited: { type: 'rate_limited', status: 429 },
  internal: { type: 'internal', status: 500 },
};

/** An outcome that a client can cause. The message names fields and rules, never values. */
export interface Failure<Code extends ErrorCode = ErrorCode> {
  readonly ok: false;
  readonly code: Code;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  readonly attemptsLeft?: number;
  /** For events only. */
  readonly limit?: LimitName;
  /** For events only. */
  readonly reason?: RefusalReason;
}

/**
 * A value, or a failure with one of these codes. Each member names the members of the other as undefined, so that code
 * after `if (!result.ok)` compiles without `strict` too, where TypeScript does not narrow.
 */
export type Result<Value extends object, Code extends ErrorCode> =
  | (Readonly<Value> & { readonly ok: true } & Absent<Omit<Failure, 'ok'>>)
  | (Failure<Code> & Absent<Value>);

type Absent<Members> = { readonly [Name in keyof Members]?: undefined };

/** Why, where one code stands for several: the first six for `auth_blocked`, the others for `token_mismatch`. */
export type RefusalReason =
  | 'channel'
  | 'country'
  | 'guard'
  | 'no_recipient'
  | 'origin'
  | 'recipient_rejected'
  /** A challenge token for another app: its `aud`. */
  | 'audience'
  /** The session that asks is not the token's `sid`. */
  | 'session'
  /** The request names another recipient than the token. */
  | 'recipient'
  /**
   * The DPoP proof is missing or malformed, or it is for another token: its `jti`.
   *
   * Send exactly one proof, whose `jti` is that of the challenge token.
   */
  | 'dpop'
  /**
   * The DPoP proof is signed by another key than the `cnf.jkt` of the challenge token.
   *
   * Sign with the key whose thumbprint the challenge has.
   */
  | 'dpop_key'
  /**
   * The DPoP proof is for another method or URL, or the service does not know its own URL.
   *
   * Compare `htu` of the proof with `publicUrl` of the service, which must be the URL that clients use.
   */
  | 'dpop_url'
  /**
   * The `iat` of the DPoP proof differs from the time of the service by more than 60 s.
   *
   * Make a new proof for each request. Devices whose clock is wrong can use the `Date` header of an earlier response.
   */
  | 'dpop_clock'
  /** The cookie is of a verification that was opened for another challenge, or for none. */
  | 'verification';

export function fail<Code extends ErrorCode>(
  code: Code,
  message?: string,
  more?: Omit<Failure, 'ok' | 'code' | 'message'>,
): Failure<Code> {
  return message === undefined
    ? { ok: false, code, ...more }
    : { ok: false, code, message, ...more };
}

/** The single 401: no cookie, and a verification that is unknown, expired, used or out of guesses, look alike. */
export const UNAUTHORIZED = fail('unauthorized', 'There is no live verification for this request.');

/** One message for every policy, so that a client cannot tell which one refused it. */
export function blockedByPolicy(reason: RefusalReason): Failure<'auth_blocked'> {
  return fail('auth_blocked', 'The request is refused by policy.', { reason });
}

/** One message for every mismatch, so that a client cannot tell which one it was; events have the reason. */
export function tokenMismatch(reason: RefusalReason): Failure<'token_mismatch'> {
  return fail('token_mismatch', 'challenge_token: does not belong to this request', { reason });
}
