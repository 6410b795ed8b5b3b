import type { NormalizedIdentifier } from '../identifier/identifier.js';
import { digest } from '../keys/derive.js';
import type { Flow, Limit } from '../ports.js';
import type { ChallengeClaims, OtpStepKey } from './claims.js';

/** A challenge token that was verified, for a user, at a step that is not done. */
export interface ChallengeAtStep<Step extends string = string> {
  readonly claims: ChallengeClaims & { readonly sub: string };
  readonly step: Step;
  /** The name of the token in limits and records. */
  readonly name: string;
  /** How long its use must be remembered. */
  readonly secondsToRemember: number;
}

/** A challenge at a step that a code completes. */
export interface Challenge extends ChallengeAtStep<OtpStepKey> {
  /** The recipient that the token names for its step; undefined when the host looks it up. */
  readonly recipient: NormalizedIdentifier | undefined;
}

/**
 * The name of a challenge token in the store: made of `iss` and `jti`, which identify a token however it is encoded.
 * Without a secret, so that no rotation makes a used token unused.
 */
export function challengeName(
  { appId }: { readonly appId: string },
  { iss, jti }: Pick<ChallengeClaims, 'iss' | 'jti'>,
): string {
  return digest(['otp/token/v1', appId, iss, jti]);
}

/** The limit of one event that marks a token as used. */
export function tokenUsed({
  name,
  secondsToRemember: windowSeconds,
}: Pick<ChallengeAtStep, 'name' | 'secondsToRemember'>): Limit {
  return { key: `t:${name}`, name: 'token_used', windows: [{ max: 1, windowSeconds }] };
}

/** The flow of a request with this challenge, or without one. */
export function flowOf(challenge: Challenge | undefined): Flow {
  return challenge === undefined ? 'standalone' : 'step-up';
}
