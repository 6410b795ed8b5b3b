import { gapMsAfter } from '../limits/intervals.js';
import { toRefused } from '../limits/refusal.js';
import type { Limit, Refused } from '../ports.js';
import { ExpiringMap } from './expiring-map.js';

/** What one limit has counted. Times are in milliseconds. */
interface Counter {
  /** One for each window of the limit, in the same order. */
  readonly windows: readonly CountedWindow[];
  /** The end of the last window. */
  readonly endsAt: number;
  readonly gapEndsAt: number;
  /** The `op` of the last call that counted, so that a repeat of it does not count again. */
  readonly lastOp: string | undefined;
}

interface CountedWindow {
  readonly count: number;
  readonly endsAt: number;
}

/** The counters of the memory store. */
export class MemoryLimits {
  readonly #counters = new ExpiringMap<Counter>();

  get size(): number {
    return this.#counters.size;
  }

  /**
   * Charges all limits, or none when one has no room.
   *
   * @returns the refusal, or undefined when the limits were charged, now or before by the same `op`
   */
  charge(limits: readonly Limit[], now: number, op?: string): Refused | undefined {
    for (const limit of limits) {
      const counter = this.#counters.get(limit.key);
      if (counter === undefined) continue;
      if (op !== undefined && counter.lastOp === op && counter.endsAt > now) return undefined;
      const waitMs = timeOfRoom(counter, limit) - now;
      if (waitMs > 0) return toRefused(limit.name, waitMs);
    }
    for (const limit of limits) {
      if (limit.cost === 0) continue;
      const counter = countEvent(this.#counters.get(limit.key), limit, now, op);
      this.#counters.set(limit.key, counter, now);
    }
    return undefined;
  }

  refund(limits: readonly Limit[], now: number): void {
    for (const { key } of limits) {
      const counter = this.#counters.get(key);
      if (counter === undefined) continue;
      const refunded = refundEvent(counter, now);
      if (refunded === undefined) this.#counters.delete(key);
      else this.#counters.set(key, refunded, now);
    }
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) this.#counters.delete(key);
  }

  sweep(now: number, steps: number): void {
    this.#counters.sweep(now, steps);
  }

  clear(): void {
    this.#counters.clear();
  }
}

/** When every window has room and the gap has passed; in the past if that is so already. */
function timeOfRoom({ windows, gapEndsAt }: Counter, limit: Limit): number {
  // A gap ends with the first window.
  let time = Math.min(gapEndsAt, windows[0]?.endsAt ?? 0);
  for (const [index, { max }] of limit.windows.entries()) {
    const window = windows[index];
    if (window !== undefined && window.count >= max) time = Math.max(time, window.endsAt);
  }
  return time;
}

function countEvent(
  known: Counter | undefined,
  limit: Limit,
  now: number,
  op: string | undefined,
): Counter {
  const windows = limit.windows.map(({ windowSeconds }, index) => {
    const window = known?.windows[index];
    return window !== undefined && window.endsAt > now
      ? { count: window.count + 1, endsAt: window.endsAt }
      : { count: 1, endsAt: now + windowSeconds * 1000 };
  });
  const gapMs = gapMsAfter(limit.gapsSeconds ?? [], windows[0]?.count ?? 0);
  return {
    windows,
    endsAt: Math.max(...windows.map(({ endsAt }) => endsAt)),
    // Not `now` without a gap: a clock that is set back would make one.
    gapEndsAt: gapMs === 0 ? 0 : now + gapMs,
    lastOp: op,
  };
}

/** Takes one event out of every window that is still open; undefined when nothing is left in them. */
function refundEvent(counter: Counter, now: number): Counter | undefined {
  const windows = counter.windows.map(({ count, endsAt }) => ({
    count: endsAt > now ? Math.max(0, count - 1) : 0,
    endsAt,
  }));
  if (windows.every(({ count }) => count === 0)) return undefined;
  // The event was allowed, so the gap before it had passed.
  return { ...counter, windows, gapEndsAt: 0 };
}
