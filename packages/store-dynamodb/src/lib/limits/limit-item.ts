import { gapMsAfter, type Limit, type Refused, toRefused, type Window } from '@otp/core/store';
import { type Item, numberOf } from '../table/attributes.js';

/**
 * The counters of one limit: `count0` and `end0` (in ms) for the first window and so on, `lastAt` for the gaps, and
 * `lastOp`, by which a repeat of the last call that counted is recognised.
 */
export interface LimitItem {
  readonly windows: readonly { readonly count: number; readonly endsAt: number }[];
  readonly lastAt: number;
  readonly lastOp: string | undefined;
}

export function limitKey(key: string): string {
  return `limit#${key}`;
}

/** A missing item has counted nothing. */
export function parseLimit(item: Item | undefined, windows: readonly Window[]): LimitItem {
  return {
    windows: windows.map((_, index) => ({
      count: numberOf(item?.[`count${index}`]),
      endsAt: numberOf(item?.[`end${index}`]),
    })),
    lastAt: numberOf(item?.lastAt),
    lastOp: item?.lastOp?.S,
  };
}

/** Whether the last call that counted had this `op`. */
export function isRepeat({ windows, lastOp }: LimitItem, op: string, now: number): boolean {
  return lastOp === op && windows.some(({ endsAt }) => endsAt > now);
}

/** Undefined when every window has room and the gap has passed. */
export function refusalOf(item: LimitItem, limit: Limit, now: number): Refused | undefined {
  let until = gapEnd(item, limit.gapsSeconds ?? []);
  for (const [index, { max }] of limit.windows.entries()) {
    const { count = 0, endsAt = 0 } = item.windows[index] ?? {};
    if (count >= max) until = Math.max(until, endsAt);
  }
  return until > now ? toRefused(limit.name, until - now) : undefined;
}

/** A gap ends with the first window at the latest. Without gaps there is none, even if another process's clock is ahead. */
function gapEnd({ windows: [first], lastAt }: LimitItem, gapsSeconds: readonly number[]): number {
  if (first === undefined || first.count === 0 || lastAt === 0) return 0;
  const gap = gapMsAfter(gapsSeconds, first.count);
  return gap === 0 ? 0 : Math.min(first.endsAt, lastAt + gap);
}
