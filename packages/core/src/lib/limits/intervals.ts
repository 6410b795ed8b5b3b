import { INTERVAL_FACTORS } from '../limit-options/default-limits.js';

/**
 * The least times between the sends of a verification, and between the creates for a recipient: by default 30, 60, 120 and
 * 240 s.
 *
 * @param intervalSeconds the first gap
 * @returns the gap after the 1st, 2nd, 3rd and every later event, in seconds
 */
export function toGaps(intervalSeconds: number): number[] {
  return INTERVAL_FACTORS.map((factor) => factor * intervalSeconds);
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
