import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import type { Identifier, Limit } from '../ports.js';
import { challengeFailures, userFailures, withoutCost } from './challenge-limits.js';
import type { LimitsContext } from './create-limits.js';
import { CONSECUTIVE_FAILURES_SECONDS } from './default-limits.js';
import { consecutiveFailuresKey } from './limit-keys.js';

/** Guesses of the code of one verification. */
export const GUESSES_PER_VERIFICATION = 5;

/** Counts without refusing, so that a live verification of the owner still passes; `createLimits` refuses. */
const NO_MAXIMUM = 2 ** 31 - 1;

export interface CheckLimitsInput {
  readonly identifier: Identifier;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
}

/** The limits of a check, charged before the code is compared. A success gives some of them back, see `refunds.ts`. */
export function checkLimits(
  context: Omit<LimitsContext, 'gapsSeconds' | 'warn'>,
  { identifier, challenge }: CheckLimitsInput,
): Limit[] {
  const { limits } = context;
  const ofChallenge =
    challenge === undefined
      ? []
      : [withoutCost(tokenUsed(challenge)), challengeFailures(challenge)];
  if (limits === undefined) return ofChallenge;
  return [
    ...ofChallenge,
    ...(challenge === undefined ? [] : [userFailures(context, challenge, limits.userFailures)]),
    {
      key: consecutiveFailuresKey(context, flowOf(challenge), identifier),
      name: 'consecutive_failures',
      windows: [{ max: NO_MAXIMUM, windowSeconds: CONSECUTIVE_FAILURES_SECONDS }],
    },
  ];
}
