import type { Limit, Window } from '../ports.js';

/** Sends of one verification, the first message included. */
export const SENDS_PER_VERIFICATION = 5;

/**
 * Retries of one verification. Unlike its sends, retries that fail stay counted: a provider must not be called without
 * end for a verification whose messages it cannot send.
 */
const RETRIES_PER_VERIFICATION: Window = { max: 20, windowSeconds: 600 };

/** The limits of a retry, beside the number of sends and the gaps that the record of the verification has. */
export function retryLimits(id: string): Limit[] {
  return [{ key: `r:${id}`, name: 'sends', windows: [RETRIES_PER_VERIFICATION] }];
}
