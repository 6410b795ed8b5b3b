import { secondsToRemember, verifyChallengeToken } from './challenge-token.js';
import { type ChallengeStep, isOtpStep, OTP_STEPS } from './claims.js';
import type { OtpConfig } from './config.js';
import type { RequestContext } from './context.js';
import { type Failure, fail } from './errors.js';
import type { OtpRequest } from './http.js';
import { type NormalizedIdentifier, normalizeIdentifier } from './identifier.js';
import { type Challenge, challengeName } from './limits.js';
import type { Identifier } from './ports.js';

export type ReadChallenge =
  | { readonly ok: true; readonly challenge: Challenge }
  | Failure<'invalid_challenge_token' | 'expired_challenge_token' | 'token_mismatch'>;

/**
 * A challenge token that a client shows at create or check: verified by itself, for a user, at a step
 * that is ours to do and not yet done.
 */
export async function readChallenge(
  { config, now }: RequestContext,
  token: string,
): Promise<ReadChallenge> {
  const { issuers, appId: audience } = config;
  const verified = await verifyChallengeToken(token, { issuers, audience, now });
  if (!verified.ok) return verified;
  const { sub, current_step: step, steps = [] } = verified.claims;
  const current = steps.find(({ key }) => key === step);
  if (sub === undefined) return invalid('names no user');
  if (!isOtpStep(step)) return invalid('is not at a step that a code can do');
  if (steps.length > 0 && (current === undefined || current.done)) {
    return invalid('has no such step left to do');
  }
  const claims = { ...verified.claims, sub };
  const name = challengeName(config, claims);
  return {
    ok: true,
    challenge: { claims, step, name, secondsToRemember: secondsToRemember(claims, now) },
  };
}

function invalid(rule: string): Failure<'invalid_challenge_token'> {
  return fail('invalid_challenge_token', `challenge_token: ${rule}`);
}

export const NOT_THIS_REQUEST = fail(
  'token_mismatch',
  'challenge_token: does not belong to this request',
);

/** Whether the session that the token was made for is the one that asks, where the host says which. */
export async function isSessionOf(
  { claims }: Challenge,
  { session }: OtpRequest,
): Promise<boolean> {
  if (session === undefined || claims.sid === undefined) return true;
  return claims.sid === (await session());
}

export type ChallengeRecipient =
  | { readonly ok: true; readonly identifier: NormalizedIdentifier }
  | Failure<'invalid_challenge_token'>
  | { readonly ok: false; readonly code: 'unknown' };

/**
 * Whom a step-up is sent to: the recipient that the step names, else what the host looks up by user, else
 * the one that the token names. `unknown`: the host's look-up knows none that fits.
 */
export async function challengeRecipient(
  { recipientOf }: OtpConfig,
  { claims, step }: Challenge,
): Promise<ChallengeRecipient> {
  const type = OTP_STEPS[step];
  const named = stepOf(claims.steps, step)?.identifier;
  if (named === undefined && recipientOf !== undefined) {
    const { iss, sub } = claims;
    const found = suited(await recipientOf({ iss, sub, type }), type);
    return found === undefined ? { ok: false, code: 'unknown' } : { ok: true, identifier: found };
  }
  const found = suited(named ?? claims.identifier, type);
  return found === undefined
    ? invalid('names no recipient that suits its step')
    : { ok: true, identifier: found };
}

function stepOf(steps: readonly ChallengeStep[] = [], key: string): ChallengeStep | undefined {
  return steps.find((each) => each.key === key);
}

function suited(
  identifier: Identifier | undefined,
  type: Identifier['type'],
): NormalizedIdentifier | undefined {
  if (identifier?.type !== type) return undefined;
  const normalized = normalizeIdentifier(identifier);
  return normalized.ok ? normalized.identifier : undefined;
}
