import type { Challenge } from '../challenge/challenge.js';
import { NO_MAXIMUM } from '../limit-options/default-limits.js';
import type { Identifier, Limit } from '../ports.js';
import { challengeFailures, userConsecutiveFailures, userFailures } from './challenge-limits.js';
import { type LimitsContext, recipientFailures } from './create-limits.js';

type CheckContext = Omit<LimitsContext, 'gapsSeconds' | 'warn'>;

export interface CheckLimitsInput {
  readonly identifier: Identifier;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
}

/** The limits of a guess, charged before the code is compared. A right code gives them back. */
export function guessLimits(context: CheckContext, challenge: Challenge | undefined): Limit[] {
  if (challenge === undefined) return [];
  const ofChallenge = challengeFailures(challenge);
  const { limits } = context;
  if (limits === undefined) return [ofChallenge];
  return [ofChallenge, userFailures(context, challenge, limits.userFailures)];
}

/**
 * The counters of wrong codes in a row: of the user, and of the user with this recipient; in the standalone flow of the
 * recipient. A wrong code is counted in them, a right one forgets them.
 */
export function failureLimits(
  context: CheckContext,
  { identifier, challenge }: CheckLimitsInput,
): Limit[] {
  if (context.limits === undefined) return [];
  return challenge === undefined
    ? [recipientFailures(context, identifier)]
    : userConsecutiveFailures(context, { challenge, identifier }, NO_MAXIMUM);
}
