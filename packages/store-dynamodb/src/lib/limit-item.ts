import type { Limit, Refused, Window } from '@otp/core/store';
import { type Item, numberOf } from './attributes.js';
import { gapAfter, refuse } from './refuse.js';

/**
 * What one limit has counted: `count0` and `end0` (in ms) for its first window and so on, `lastAt` for the gaps, and
 * `lastOp`, which knows the repeat of the last call that counted.
 */
export interface LimitItem {
  readonly windows: readonly { readonly count: number; readonly endsAt: number }[];
  readonly lastAt: number;
  readonly lastOp: string | undefined;
}

export function limitKey(key: string): string {
  return `limit#${key}`;
}

/** Nothing counted where there is no item. */
export function parseLimit(item: Item | undefined, windows: readonly Window[]): LimitItem {
  return {
    windows: windows.map((_, place) => ({
      count: numberOf(item?.[`count${place}`]),
      endsAt: numberOf(item?.[`end${place}`]),
    })),
    lastAt: numberOf(item?.lastAt),
    lastOp: item?.lastOp?.S,
  };
}

/** Whether the last call that counted was this one. */
export function isRepeat({ windows, lastOp }: LimitItem, op: string, now: number): boolean {
  return lastOp === op && windows.some(({ endsAt }) => endsAt > now);
}

/** Undefined when every window has room and the gap has passed. */
export function refusalOf(item: LimitItem, limit: Limit, now: number): Refused | undefined {
  let until = gapEnd(item, limit.gapsSeconds ?? []);
  for (const [place, { max }] of limit.windows.entries()) {
    const { count = 0, endsAt = 0 } = item.windows[place] ?? {};
    if (count >= max) until = Math.max(until, endsAt);
  }
  return until > now ? refuse(limit.name, until - now) : undefined;
}

/** A gap ends with the first window at the latest. Where there is none, a clock that is ahead must not make one. */
function gapEnd({ windows: [first], lastAt }: LimitItem, gapsSeconds: readonly number[]): number {
  if (first === undefined || first.count === 0 || lastAt === 0) return 0;
  const gap = gapAfter(gapsSeconds, first.count);
  return gap === 0 ? 0 : Math.min(first.endsAt, lastAt + gap);
}
