import { type Challenge, flowOf } from '../challenge/challenge.js';
import type { Identifier, Limit } from '../ports.js';
import { challengeFailures, userFailures } from './challenge-limits.js';
import type { LimitsContext } from './create-limits.js';
import { CONSECUTIVE_FAILURES_SECONDS } from './default-limits.js';
import { consecutiveFailuresKey } from './limit-keys.js';

/** Guesses of the code of one verification. */
export const GUESSES_PER_VERIFICATION = 5;

/** Counts without refusing, so that a live verification of the owner still passes; `createLimits` refuses. */
const NO_MAXIMUM = 2 ** 31 - 1;

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

/** The counters of wrong codes in a row. A wrong code is counted in them, a right one forgets them. */
export function failureLimits(
  context: CheckContext,
  { identifier, challenge }: CheckLimitsInput,
): Limit[] {
  if (context.limits === undefined) return [];
  return [
    {
      key: consecutiveFailuresKey(context, flowOf(challenge), identifier),
      name: 'consecutive_failures',
      windows: [{ max: NO_MAXIMUM, windowSeconds: CONSECUTIVE_FAILURES_SECONDS }],
    },
  ];
}
