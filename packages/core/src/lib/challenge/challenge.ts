import type { OtpConfig } from '../config.js';
import { type Failure, fail } from '../errors.js';
import type { OtpRequest } from '../http/otp-request.js';
import { type NormalizedIdentifier, normalizeIdentifier } from '../identifier/identifier.js';
import { type Challenge, challengeName } from '../limits/limits.js';
import type { RequestContext } from '../operations/context.js';
import type { Identifier } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import {
  MAX_COMPLETED_LENGTH,
  MAX_TOKEN_LENGTH,
  secondsToRemember,
  tokenLength,
  verifyChallengeToken,
} from './challenge-token.js';
import { type ChallengeStep, isOtpStep, OTP_STEPS, subjectIssuer } from './claims.js';
import { completeStep } from './complete-step.js';

export type ReadChallenge =
  | { readonly ok: true; readonly challenge: Challenge }
  | Failure<'invalid_challenge_token' | 'expired_challenge_token' | 'token_mismatch'>;

/**
 * A challenge token that a client shows at create or check: verified by itself, for a user, at a step
 * that is ours to do and not yet done, with a recipient unless the host looks that up.
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
  if (hasAmbiguousSteps(steps)) return invalid('names a step twice, or one that is none');
  if (steps.length > 0 && (current === undefined || current.done)) {
    return invalid('has no such step left to do');
  }
  const named =
    current?.identifier ?? (config.recipientOf ? undefined : verified.claims.identifier);
  const recipient = suited(named, OTP_STEPS[step]);
  if (recipient === undefined && (named !== undefined || config.recipientOf === undefined)) {
    return invalid('names no recipient that suits its step');
  }
  const claims = { ...verified.claims, sub };
  const challenge: Challenge = {
    claims,
    step,
    recipient,
    name: challengeName(config, claims),
    secondsToRemember: secondsToRemember(claims, now),
  };
  // Or a code would be sent, and the token for the right one would be none of ours.
  if (!isAnswerable(config, challenge, now)) return invalid('leaves no room for its answer');
  return { ok: true, challenge };
}

function isAnswerable(config: OtpConfig, challenge: Challenge, now: number): boolean {
  const answer = completeStep(config, challenge, { channel: 'sms', now });
  const most = answer.current_step === 'completed' ? MAX_COMPLETED_LENGTH : MAX_TOKEN_LENGTH;
  return tokenLength(answer, config.signer) <= most;
}

/** With two steps of one key, a code to one recipient would do both. */
function hasAmbiguousSteps(steps: readonly ChallengeStep[]): boolean {
  const keys = new Set(steps.map(({ key }) => key));
  return keys.size < steps.length || keys.has('completed');
}

function invalid(rule: string): Failure<'invalid_challenge_token'> {
  return fail('invalid_challenge_token', `challenge_token: ${rule}`);
}

/** Whether the session that the token was made for is the one that asks, where the host says which. */
export async function isSessionOf(
  { callbackTimeoutMs }: OtpConfig,
  { claims }: Challenge,
  { session }: OtpRequest,
): Promise<boolean> {
  if (session === undefined || claims.sid === undefined) return true;
  return claims.sid === (await withTimeLimit('session', callbackTimeoutMs, () => session()));
}

/**
 * Whom a step-up is sent to: the recipient that the step names, else the one that the host looks up by
 * user, else the one that the token names. Undefined: the host knows none that suits the step.
 */
export async function challengeRecipient(
  { recipientOf, issuer, callbackTimeoutMs }: OtpConfig,
  { claims, step, recipient }: Challenge,
): Promise<NormalizedIdentifier | undefined> {
  if (recipient !== undefined || recipientOf === undefined) return recipient;
  const type = OTP_STEPS[step];
  const { sub } = claims;
  const iss = subjectIssuer(claims, issuer);
  const look = () => recipientOf({ iss, sub, type });
  return suited(await withTimeLimit('recipientOf', callbackTimeoutMs, look), type);
}

function suited(
  identifier: Identifier | undefined,
  type: Identifier['type'],
): NormalizedIdentifier | undefined {
  if (identifier?.type !== type) return undefined;
  const normalized = normalizeIdentifier(identifier);
  return normalized.ok ? normalized.identifier : undefined;
}
