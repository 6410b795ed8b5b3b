import { gapMsAfter, toRefused } from '../limits/refusal.js';
import type { Limit, Refused, Window } from '../ports.js';
import { ExpiringMap } from './expiring-map.js';

/** The counted limits of the memory store. */
export class MemoryLimits {
  readonly #counters = new ExpiringMap<Counter>();

  get size(): number {
    return this.#counters.size;
  }

  /** Undefined when every limit had room and was charged; otherwise nothing was. */
  charge(limits: readonly Limit[], now: number, op?: string): Refused | undefined {
    const counters: (Counter | undefined)[] = [];
    for (const limit of limits) {
      const counter = this.#counters.get(limit.key);
      counters.push(counter);
      if (counter === undefined) continue;
      if (op !== undefined && counter.lastOp === op && counter.endsAt > now) return undefined;
      const waitMs = counter.waitMs(limit.windows, now);
      if (waitMs > 0) return toRefused(limit.name, waitMs);
    }
    for (const [place, limit] of limits.entries()) {
      if (limit.cost !== 0) this.#count(limit, counters[place], now, op);
    }
    return undefined;
  }

  refund(limits: readonly Limit[], now: number): void {
    for (const { key, windows } of limits) {
      const counter = this.#counters.get(key);
      if (counter?.giveBack(windows, now) === 0) this.#counters.delete(key);
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

  #count(limit: Limit, known: Counter | undefined, now: number, op: string | undefined): void {
    const counter = known ?? new Counter(limit.windows);
    counter.count(limit, now, op);
    // Also one that is known: setting another key may have swept it away, when its window had ended.
    this.#counters.set(limit.key, counter, now);
  }
}

/** What one limit has counted, in each of its windows. */
class Counter {
  /** The last call that counted, so that its repeat does not count again. */
  lastOp: string | undefined;
  /**
   * The end of the gap, then count and end of each window. One list of numbers, made as long as it will
   * be, because there may be a million.
   */
  readonly #numbers: number[];

  constructor({ length }: readonly Window[]) {
    this.#numbers = new Array<number>(1 + 2 * length).fill(0);
  }

  get endsAt(): number {
    let last = 0;
    for (let end = 2; end < this.#numbers.length; end += 2) last = Math.max(last, this.#at(end));
    return last;
  }

  /** How long until every window has room and the gap has passed; nothing or less: now. */
  waitMs(windows: readonly Window[], now: number): number {
    let until = Math.min(this.#at(0), this.#at(2));
    for (const [place, { max }] of windows.entries()) {
      if (this.#at(countOf(place)) >= max) until = Math.max(until, this.#at(endOf(place)));
    }
    return until - now;
  }

  count({ windows, gapsSeconds }: Limit, now: number, op: string | undefined): void {
    for (const [place, { windowSeconds }] of windows.entries()) {
      const isOpen = this.#at(endOf(place)) > now;
      this.#numbers[countOf(place)] = isOpen ? this.#at(countOf(place)) + 1 : 1;
      if (!isOpen) this.#numbers[endOf(place)] = now + windowSeconds * 1000;
    }
    this.#numbers[0] = gapsSeconds === undefined ? 0 : now + gapMsAfter(gapsSeconds, this.#at(1));
    this.lastOp = op;
  }

  /** Takes one event out of every window that is still open; answers the most that is left in one. */
  giveBack(windows: readonly Window[], now: number): number {
    let most = 0;
    for (const place of windows.keys()) {
      if (this.#at(endOf(place)) <= now) continue;
      const left = Math.max(0, this.#at(countOf(place)) - 1);
      this.#numbers[countOf(place)] = left;
      most = Math.max(most, left);
    }
    // The event that is taken back was allowed, so the gap before it had passed.
    this.#numbers[0] = 0;
    return most;
  }

  #at(place: number): number {
    return this.#numbers[place] ?? 0;
  }
}

const countOf = (place: number) => 2 * place + 1;
const endOf = (place: number) => 2 * place + 2;
