import type { LimitName } from './ports.js';

/**
 * The error codes of the contract, on which clients branch. docs/reference/errors.md is written from the comments: when
 * the code is returned, then what to do.
 */
export type ErrorCode =
  /**
   * The request is malformed: method, content type, JSON, members, an identifier that is not valid, an unknown
   * `login_config_id` or one of another type of recipient; at check, a step-up without its `challenge_token`.
   *
   * Correct the client: `message` names the field and the rule. For `identifier`, show the error beside the field.
   */
  | 'bad_request'
  /**
   * The challenge token is not valid: format, algorithm, key, signature, issuer, claims or times. At create also a token
   * whose step is already completed, and one that names no suitable recipient.
   *
   * Request a new challenge from your own endpoint. If every token fails, compare `issuer`, `appId` and keys of the
   * service with those of the issuer.
   */
  | 'invalid_challenge_token'
  /**
   * The challenge token is valid but expired more than 30 s ago.
   *
   * Request a new challenge and start again at create.
   */
  | 'expired_challenge_token'
  /**
   * The challenge token is valid but belongs to another app, session, recipient, DPoP key, PKCE verifier or
   * verification. At check also a token that is sent with a standalone verification.
   *
   * Send the token of the create, from the same session. The `refused` event has the `reason`.
   */
  | 'token_mismatch'
  /**
   * The code is wrong. The body also has `attempts_left`; at 0 the verification has ended and the cookie is cleared.
   *
   * Let the user try again; at 0 offer to send a new code.
   */
  | 'bad_check_code'
  /**
   * At retry, check and status: there is no handle, or more than one, or the verification is unknown, expired, used or out
   * of guesses.
   *
   * Offer to send a new code. If correct codes are refused too, see [401 at check](../guides/401-at-check.md); the
   * `refused` event has the `reason`.
   */
  | 'unauthorized'
  /**
   * Policy refuses the request: country, channel, guard, foreign origin, no recipient for the user, a recipient that the
   * sender rejects. At create also a limit, with `Retry-After`.
   *
   * With `Retry-After`, wait that many seconds, or in a step-up request a new challenge. Otherwise do not repeat the
   * request; the `refused` event has the `reason` or the `limit`.
   */
  | 'auth_blocked'
  /**
   * The path has no route.
   *
   * Correct the URL, or the path under which the adapter is mounted: `basePath`.
   */
  | 'not_found'
  /**
   * At check: the step of this challenge token was already completed by another verification. From `consumeSessionStart`,
   * `consumeStepUp` and `completeStep`: the token was already redeemed. These functions return the code only; the status
   * is your choice, and the examples use 401.
   *
   * If your own request was repeated, use the result of the first one. Otherwise request a new challenge or code.
   */
  | 'token_reused'
  /**
   * At retry and check: a limit, with `Retry-After`. At create only with `limitErrorCode: 'rate_limited'`, for limits on
   * sending.
   *
   * Wait `Retry-After` seconds; disable the button until then.
   */
  | 'rate_limited'
  /**
   * The store, a sender, the guard, a callback or the server failed.
   *
   * Repeat the request later. The event `fault` has the cause.
   */
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

/**
 * Distinguishes refusals that share one code. The first six belong to `auth_blocked`, the next six to `unauthorized`, the
 * others to `token_mismatch`.
 * docs/reference/events.md is written from the comments: the cause, then what to do.
 */
export type RefusalReason =
  /**
   * `channels` has no channel for the recipient.
   *
   * Add the channel, or do not offer it to users.
   */
  | 'channel'
  /**
   * The number belongs to a country that the channel does not list.
   *
   * Nothing, if you do not serve the country. Otherwise add it to `countries`.
   */
  | 'country'
  /**
   * Your guard blocked the request.
   *
   * Nothing, unless the rate surprises you.
   */
  | 'guard'
  /**
   * `findRecipient` returned no recipient that suits the step.
   *
   * Check why the user has none, before you issue the challenge.
   */
  | 'no_recipient'
  /**
   * The request comes from a page whose origin `origins` does not allow.
   *
   * Allow the origin if the page is yours. A function must return `true`, not a promise.
   */
  | 'origin'
  /**
   * A sender rejected the recipient: it can never receive messages.
   *
   * Ask the user for another number or address.
   */
  | 'recipient_rejected'
  /**
   * The request has neither the cookie of the verification nor the header, whichever `transport` allows.
   *
   * Send cookies with each request: in a browser on another origin, `credentials: 'include'`. With the transport `header`
   * send `X-Verification-Token`.
   */
  | 'no_handle'
  /**
   * The request has two cookies of that name, one of which may have been set by somebody else, or two header fields.
   *
   * Find out who sets the other cookie, perhaps a subdomain; `cookie.hostPrefix` prevents that.
   */
  | 'two_handles'
  /**
   * The value of the cookie or the header is not one that the service has set.
   *
   * Send the value unchanged.
   */
  | 'malformed'
  /**
   * The verification is unknown, expired, used or out of guesses.
   *
   * Nothing: users are late. If fresh codes are refused too, compare `appId`, store and clocks of all processes.
   */
  | 'not_live'
  /**
   * The record cannot be decrypted, because the keyring no longer has its key.
   *
   * Keep old keys for ten minutes in a rotation.
   */
  | 'record_retired'
  /**
   * The record cannot be decrypted, because it was changed in the store.
   *
   * Alert: somebody may write to the store.
   */
  | 'record_corrupt'
  /**
   * `aud` of the challenge token is another app.
   *
   * Issue challenges with the `appId` of this service.
   */
  | 'audience'
  /**
   * The session of the request, or `sid` of `consumeStepUp` or `completeStep`, is not `sid` of the challenge token.
   *
   * Check that `session` of the adapter and `sid` of the challenge are the same id. A rise can be stolen tokens.
   */
  | 'session'
  /**
   * The request names another recipient than the challenge.
   *
   * Correct the client: in a step-up, leave `identifier` out.
   */
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
  /**
   * The cookie belongs to a verification of another challenge, or of none.
   *
   * Correct the client: each create replaces the cookie, so check with the token of the last create.
   */
  | 'verification'
  /**
   * In `consumeSessionStart` and `consumeStepUp`: the token is of the other flow, or has another `grantMode`.
   *
   * Send the token to the endpoint that it is for.
   */
  | 'grant_mode'
  /**
   * In `consumeSessionStart`: `codeVerifier` is missing or does not match `pkce_challenge` of the token, or the token has
   * none. In `consumeStepUp`: the token has `pkce_challenge`.
   *
   * Send the verifier with the token, and its `code_challenge` at create. A rise can be stolen or planted tokens.
   */
  | 'pkce'
  /**
   * In `consumeStepUp` and `completeStep`: the token is of another user than `sub` of `iss`.
   *
   * Check that the challenge names users as your sessions do. A rise can be stolen tokens.
   */
  | 'user'
  /**
   * In `consumeStepUp`: the token is for another scope than `expected.scope`.
   *
   * Check that the challenge and your endpoint name the same scope. A rise can be tokens used for something else.
   */
  | 'scope';

export function fail<Code extends ErrorCode>(
  code: Code,
  message?: string,
  more?: Omit<Failure, 'ok' | 'code' | 'message'>,
): Failure<Code> {
  return message === undefined
    ? { ok: false, code, ...more }
    : { ok: false, code, message, ...more };
}

/** One 401 for every reason, so that a client cannot tell which verifications exist; events have the reason. */
export function unauthorized(reason: RefusalReason): Failure<'unauthorized'> {
  return fail('unauthorized', 'There is no live verification for this request.', { reason });
}

/** One message for every policy, so that a client cannot tell which one refused it. */
export function blockedByPolicy(reason: RefusalReason): Failure<'auth_blocked'> {
  return fail('auth_blocked', 'The request is refused by policy.', { reason });
}

/** One message for every mismatch, so that a client cannot tell which one it was; events have the reason. */
export function tokenMismatch(reason: RefusalReason): Failure<'token_mismatch'> {
  return fail('token_mismatch', 'challenge_token: does not belong to this request', { reason });
}
