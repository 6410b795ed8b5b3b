import { blockedByPolicy, type Result, tokenMismatch } from '../errors.js';
import { type NormalizedIdentifier, normalizeIdentifier } from '../identifier/identifier.js';
import type { Identifier } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import type { Challenge } from './challenge.js';
import { type ChallengeClaims, OTP_STEPS, type OtpStepKey, subjectIssuer } from './claims.js';

/** The user of a step-up and the type of recipient that its step needs. */
export interface RecipientQuery {
  /** The issuer of the challenge, whose user `sub` is. It stays the same when we sign the challenge for its next step. */
  readonly iss: string;
  readonly sub: string;
  readonly type: Identifier['type'];
}

/** Looks up the recipient of a user; undefined when there is none of that type. */
export type FindRecipient = (
  user: RecipientQuery,
) => Identifier | undefined | Promise<Identifier | undefined>;

export interface RecipientConfig {
  readonly issuer: string;
  readonly findRecipient: FindRecipient | undefined;
  readonly callbackTimeoutMs: number;
}

type NamedRecipient =
  | { readonly ok: true; readonly recipient: NormalizedIdentifier | undefined }
  | { readonly ok: false };

/**
 * The recipient that a token names for its step: that of the step, else the token's own, unless the host looks it up.
 * Not ok when that one does not suit the step, or when neither the token nor the host names one.
 */
export function namedRecipient(
  { current_step, steps = [], identifier }: ChallengeClaims,
  step: OtpStepKey,
  hasLookup: boolean,
): NamedRecipient {
  const ofStep = steps.find(({ key }) => key === current_step)?.identifier;
  const named = ofStep ?? (hasLookup ? undefined : identifier);
  if (named === undefined) return hasLookup ? { ok: true, recipient: undefined } : { ok: false };
  const recipient = suited(named, OTP_STEPS[step]);
  return recipient === undefined ? { ok: false } : { ok: true, recipient };
}

/**
 * The recipient of a step-up: the one that its step names, else the one that `findRecipient` returns, else the one that
 * the token names (docs/decisions/0005).
 *
 * @returns undefined when `findRecipient` has none that suits the step
 * @throws what `findRecipient` throws; TimeLimitError when it takes too long
 */
export async function challengeRecipient(
  { issuer, findRecipient, callbackTimeoutMs }: RecipientConfig,
  { claims, step, recipient }: Challenge,
): Promise<NormalizedIdentifier | undefined> {
  if (recipient !== undefined || findRecipient === undefined) return recipient;
  const type = OTP_STEPS[step];
  const user = { iss: subjectIssuer(claims, issuer), sub: claims.sub, type };
  const look = () => findRecipient(user);
  return suited(await withTimeLimit('findRecipient', callbackTimeoutMs, look), type);
}

/**
 * Compares the recipient of a step-up with the `identifier` beside its token.
 *
 * @param known as `challengeRecipient` returns it
 * @param given undefined if the request names no identifier
 * @returns the recipient; `token_mismatch` if the request names another one, `auth_blocked` if the user has none
 */
export function matchRecipient(
  known: NormalizedIdentifier | undefined,
  given: NormalizedIdentifier | undefined,
): Result<{ identifier: NormalizedIdentifier }, 'token_mismatch' | 'auth_blocked'> {
  if (known === undefined) return blockedByPolicy('no_recipient');
  const isAnother =
    given !== undefined && (given.type !== known.type || given.value !== known.value);
  return isAnother ? tokenMismatch('recipient') : { ok: true, identifier: known };
}

function suited(
  identifier: Identifier | undefined,
  type: Identifier['type'],
): NormalizedIdentifier | undefined {
  if (identifier?.type !== type) return undefined;
  const normalized = normalizeIdentifier(identifier);
  return normalized.ok ? normalized.identifier : undefined;
}
