import {
  type Counter,
  countEvent,
  giveBackCreate,
  giveBackGuess,
  isKept,
  isRepeat,
  keptUntil,
  refundEvent,
  refusalOf,
  refusalOfOther,
} from '../limits/counter.js';
import type { CounterName, Limit, Refused } from '../ports.js';
import { ExpiringMap } from './expiring-map.js';

/** The counters of one key, by their share. */
interface Bucket {
  readonly endsAt: number;
  readonly counters: Map<string, Counter>;
}

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
      if (isRepeat(counter, op, now)) return undefined;
      const refused = refusalOf(counter, limit, now);
      if (refused !== undefined) return refused;
    }
    for (const limit of limits) {
      if (limit.cost === 0) continue;
      this.#set(limit, countEvent(this.#find(limit), limit, { op, now }), now);
    }
    return undefined;
  }

  /** The refusal of a limit with a maximum of 1 that another `op` has used up. */
  refusalOfOther(limit: Limit, op: string, now: number): Refused | undefined {
    const counter = this.#find(limit);
    return counter && refusalOfOther(counter, limit, { op, now });
  }

  /** The events that the first window of a limit without shares has counted. */
  countOf(key: string, now: number): number {
    const window = this.#buckets.get(key)?.counters.get(NO_SHARE)?.windows[0];
    return window !== undefined && window.endsAt > now ? window.count : 0;
  }

  /** Gives back an event of each window, with the gap after it. */
  refund(limits: readonly Limit[], now: number): void {
    this.#change(limits, now, (counter) => refundEvent(counter, now));
  }

  /** Gives back an event of each window for a right guess. */
  giveBackGuess(limits: readonly Limit[], now: number): void {
    this.#change(limits, now, (counter) => giveBackGuess(counter, now));
  }

  /** Gives back an event of each window that was open at `openedAt`, a few times a day. */
  giveBackCreate(
    limits: readonly Limit[],
    times: { readonly openedAt: number; readonly now: number },
  ): void {
    this.#change(limits, times.now, (counter, limit) => giveBackCreate(counter, limit, times));
  }

  /** Forgets single counters. */
  forget(counters: readonly CounterName[], now: number): void {
    this.#change(counters, now, () => undefined);
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

  #find({ key, share = NO_SHARE }: CounterName): Counter | undefined {
    return this.#buckets.get(key)?.counters.get(share);
  }

  /** Drops the counters of the key that have ended, and the key with the last one. */
  #set({ key, share = NO_SHARE }: CounterName, counter: Counter | undefined, now: number): void {
    const counters = this.#buckets.get(key)?.counters ?? new Map<string, Counter>();
    if (counter === undefined) counters.delete(share);
    else counters.set(share, counter);
    for (const [each, known] of counters) if (!isKept(known, now)) counters.delete(each);
    const endsAt = Math.max(...[...counters.values()].map(keptUntil));
    if (counters.size === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, { endsAt, counters }, now);
  }

  #change<Name extends CounterName>(
    names: readonly Name[],
    now: number,
    change: (counter: Counter, name: Name) => Counter | undefined,
  ): void {
    for (const name of names) {
      const counter = this.#find(name);
      if (counter !== undefined) this.#set(name, change(counter, name), now);
    }
  }
}

/** The share of a limit that has none. */
const NO_SHARE = '';
