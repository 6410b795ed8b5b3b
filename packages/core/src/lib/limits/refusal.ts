import type { LimitName, Refused } from '../ports.js';

/**
 * Makes the refusal of a limit from the time that is left.
 *
 * @param limit the limit that has no room
 * @param waitMs milliseconds until it has room
 * @returns the refusal; its `retryAfterSeconds` is rounded up and at least 1, because `Retry-After: 0` (RFC 9110,
 *   10.2.3) invites a request that would be refused again
 * @example if (sends >= maxSends) return toRefused('sends', endsAt - now);
 */
export function toRefused(limit: LimitName, waitMs: number): Refused {
  return { ok: false, limit, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

/**
 * Finds the least time between an event and the next one.
 *
 * @param gapsSeconds the gaps of a limit or a record; the last one holds for all later events, an empty array means no
 *   gap
 * @param event the number of the event, from 1
 * @returns milliseconds
 */
export function gapMsAfter(gapsSeconds: readonly number[], event: number): number {
  return (gapsSeconds[Math.min(event, gapsSeconds.length) - 1] ?? 0) * 1000;
}
