import { gapMsAfter } from '../limits/intervals.js';
import { toRefused } from '../limits/refusal.js';
import { GIVE_BACKS_PER_DAY, type Limit, type Refused } from '../ports.js';
import { ExpiringMap } from './expiring-map.js';

/** What was counted of one limit. Times are in milliseconds. */
interface Counter {
  /** One for each window of the limit, in the same order. */
  readonly windows: readonly CountedWindow[];
  /** Events of the first window by which the next gap is chosen. A success gives none of them back. */
  readonly gapEvents: number;
  readonly gapEndsAt: number;
  /** The `op` of the last call that counted, so that a repeat of it does not count again. */
  readonly lastOp: string | undefined;
  /** What successes have given back. */
  readonly givenBack: CountedWindow;
}

interface CountedWindow {
  readonly count: number;
  readonly endsAt: number;
}

/** The counters of one key, by their share. */
interface Bucket {
  readonly endsAt: number;
  readonly counters: ReadonlyMap<string, Counter>;
}

const DAY_MS = 86_400_000;

/** The counters of the memory store. */
export class MemoryLimits {
  readonly #buckets = new ExpiringMap<Bucket>();

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Charges all limits, or none when one has no room.
   *
   * @returns the refusal, or undefined when the limits were charged, now or before by the same `op`
   */
  charge(limits: readonly Limit[], now: number, op?: string): Refused | undefined {
    for (const limit of limits) {
      const counter = this.#find(limit);
      if (counter === undefined) continue;
      if (op !== undefined && counter.lastOp === op && endOf(counter) > now) return undefined;
      const waitMs = timeOfRoom(counter, limit) - now;
      if (waitMs > 0) return toRefused(limit.name, waitMs);
    }
    for (const limit of limits) {
      if (limit.cost === 0) continue;
      this.#set(limit, countEvent(this.#find(limit), limit, now, op), now);
    }
    return undefined;
  }

  /** The refusal of a limit with a maximum of 1 that another `op` has used up. */
  refusalOfOther(limit: Limit, op: string, now: number): Refused | undefined {
    const counter = this.#find(limit);
    if (counter === undefined || counter.lastOp === op || endOf(counter) <= now) return undefined;
    return toRefused(limit.name, endOf(counter) - now);
  }

  /** The events that the first window of a limit without shares has counted. */
  countOf(key: string, now: number): number {
    const window = this.#buckets.get(key)?.counters.get(NO_SHARE)?.windows[0];
    return window !== undefined && window.endsAt > now ? window.count : 0;
  }

  /** Gives back an event of each window, with the gap after it. */
  refund(limits: readonly Limit[], now: number): void {
    this.#change(limits, now, (counter) => ({
      ...counter,
      windows: counter.windows.map((window) => lessOne(window, now)),
      // The event was allowed, so the gap before it had passed.
      gapEvents: Math.max(0, counter.gapEvents - 1),
      gapEndsAt: 0,
    }));
  }

  /** Gives back an event of each window for a right guess. */
  giveBackGuess(limits: readonly Limit[], now: number): void {
    this.#change(limits, now, (counter) => ({
      ...counter,
      windows: counter.windows.map((window) => lessOne(window, now)),
    }));
  }

  /** Gives back an event of each window that was open at `openedAt`, a few times a day. */
  giveBackCreate(
    limits: readonly Limit[],
    { openedAt, now }: { readonly openedAt: number; readonly now: number },
  ): void {
    this.#change(limits, now, (counter, { windows }) => {
      const givenBack = countUp(counter.givenBack, DAY_MS, now);
      if (givenBack.count > GIVE_BACKS_PER_DAY) return counter;
      const given = counter.windows.map((window, index) => {
        const windowMs = (windows[index]?.windowSeconds ?? 0) * 1000;
        return window.endsAt - windowMs <= openedAt ? lessOne(window, now) : window;
      });
      return { ...counter, windows: given, givenBack };
    });
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) this.#buckets.delete(key);
  }

  sweep(now: number, steps: number): void {
    this.#buckets.sweep(now, steps);
  }

  clear(): void {
    this.#buckets.clear();
  }

  #find({ key, share = NO_SHARE }: Limit): Counter | undefined {
    return this.#buckets.get(key)?.counters.get(share);
  }

  /** Drops the counters of the key that have ended, and the key with the last one. */
  #set({ key, share = NO_SHARE }: Limit, counter: Counter, now: number): void {
    const known = this.#buckets.get(key)?.counters ?? [];
    const counters = new Map(
      [...known, [share, counter] as const].filter(([, each]) => isKept(each, now)),
    );
    const endsAt = Math.max(...[...counters.values()].map(endOf));
    if (counters.size === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, { endsAt, counters }, now);
  }

  #change(
    limits: readonly Limit[],
    now: number,
    change: (counter: Counter, limit: Limit) => Counter,
  ): void {
    for (const limit of limits) {
      const counter = this.#find(limit);
      if (counter !== undefined) this.#set(limit, change(counter, limit), now);
    }
  }
}

/** The share of a limit that has none. */
const NO_SHARE = '';

function endOf({ windows }: Counter): number {
  return Math.max(...windows.map(({ endsAt }) => endsAt));
}

/** A counter whose events were all refunded is as none. */
function isKept(counter: Counter, now: number): boolean {
  const isEmpty = counter.gapEvents === 0 && counter.windows.every(({ count }) => count === 0);
  return !isEmpty && endOf(counter) > now;
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

const NEW_WINDOW: CountedWindow = { count: 0, endsAt: 0 };

function countEvent(
  known: Counter | undefined,
  { windows, gapsSeconds = [] }: Limit,
  now: number,
  op: string | undefined,
): Counter {
  const isFirstOpen = (known?.windows[0]?.endsAt ?? 0) > now;
  const gapEvents = (isFirstOpen ? (known?.gapEvents ?? 0) : 0) + 1;
  const gapMs = gapMsAfter(gapsSeconds, gapEvents);
  return {
    windows: windows.map(({ windowSeconds }, index) =>
      countUp(known?.windows[index] ?? NEW_WINDOW, windowSeconds * 1000, now),
    ),
    gapEvents,
    // Not `now` without a gap: a clock that is set back would make one.
    gapEndsAt: gapMs === 0 ? 0 : now + gapMs,
    lastOp: op,
    givenBack: known?.givenBack ?? NEW_WINDOW,
  };
}

function countUp({ count, endsAt }: CountedWindow, windowMs: number, now: number): CountedWindow {
  return endsAt > now ? { count: count + 1, endsAt } : { count: 1, endsAt: now + windowMs };
}

function lessOne({ count, endsAt }: CountedWindow, now: number): CountedWindow {
  return { count: endsAt > now ? Math.max(0, count - 1) : 0, endsAt };
}
