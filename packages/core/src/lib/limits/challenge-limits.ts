import type { Challenge } from '../challenge/challenge.js';
import { subjectIssuer } from '../challenge/claims.js';
import type { Limit, Window } from '../ports.js';
import { type KeyContext, userKey } from './limit-keys.js';

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
export function userFailures(
  context: KeyContext & { readonly issuer: string },
  { claims }: Challenge,
  window: Window,
): Limit {
  const key = userKey(context, subjectIssuer(claims, context.issuer), claims.sub);
  return { key, name: 'user', windows: [window] };
}

/** The limit, only asked whether it has room. */
export function withoutCost(limit: Limit): Limit {
  return { ...limit, cost: 0 };
}
