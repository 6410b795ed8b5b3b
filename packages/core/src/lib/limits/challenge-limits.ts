import type { Challenge } from '../challenge/challenge.js';
import { userOf } from '../challenge/claims.js';
import { CONSECUTIVE_FAILURES_SECONDS } from '../limit-options/default-limits.js';
import type { Identifier, Limit, Window } from '../ports.js';
import { type KeyContext, userKeys } from './limit-keys.js';

/** Creates with one challenge token. */
const CREATES_PER_CHALLENGE = 5;

/** Wrong codes for one challenge token, over all its verifications. */
const FAILURES_PER_CHALLENGE = 5;

/** The creates with one challenge token. */
export function challengeCreates({ name, secondsToRemember }: Challenge): Limit {
  return {
    key: `c:${name}`,
    name: 'challenge',
    windows: [{ max: CREATES_PER_CHALLENGE, windowSeconds: secondsToRemember }],
  };
}

/** The wrong codes for one challenge token. */
export function challengeFailures({ name, secondsToRemember }: Challenge): Limit {
  return {
    key: `w:${name}`,
    name: 'challenge',
    windows: [{ max: FAILURES_PER_CHALLENGE, windowSeconds: secondsToRemember }],
  };
}

/** The wrong codes of the user of a challenge token, over all challenges. */
export function userFailures(context: UserContext, challenge: Challenge, window: Window): Limit {
  const { failures } = userKeys(context, userOf(context, challenge.claims));
  return { key: failures, name: 'user', windows: [window] };
}

/**
 * The creates of a user that name a recipient beside the token. They are charged before the recipients are compared, so
 * that requests at once cannot try more recipients than a user may enter wrong codes. A success gives its event back.
 */
export function recipientTrials(context: UserContext, challenge: Challenge, window: Window): Limit {
  const { recipientTrials: key } = userKeys(context, userOf(context, challenge.claims));
  return { key, name: 'user', windows: [window] };
}

/** The wrong codes in a row of a user, and of this user with this recipient. */
export function userConsecutiveFailures(
  context: UserContext,
  { challenge, identifier }: { readonly challenge: Challenge; readonly identifier: Identifier },
  max: number,
): Limit[] {
  const { consecutiveFailures: key, shareOf } = userKeys(
    context,
    userOf(context, challenge.claims),
  );
  const name = 'consecutive_failures';
  const windows = [{ max, windowSeconds: CONSECUTIVE_FAILURES_SECONDS }];
  return [
    { key, name, windows },
    { key, share: shareOf(identifier), name, windows },
  ];
}

export type UserContext = KeyContext & { readonly issuer: string };

/** The limit, only asked whether it has room. */
export function withoutCost(limit: Limit): Limit {
  return { ...limit, cost: 0 };
}
