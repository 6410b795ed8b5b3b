import { ExpiringMap } from './expiring-map.js';
import type { Limit, LimitName, Refused } from './ports.js';

interface Counter {
  count: number;
  readonly endsAt: number;
  nextAt: number;
  /** The last call that counted, so that its repeat does not count again. */
  lastOp: string | undefined;
}

/** The counted limits of the memory store. */
export class MemoryLimits {
  readonly #counters = new ExpiringMap<Counter>();

  get size(): number {
    return this.#counters.size;
  }

  /** Undefined when every limit had room and was charged; otherwise nothing was. */
  charge(limits: readonly Limit[], now: number, op?: string): Refused | undefined {
    for (const { key, name, max } of limits) {
      const counter = this.#live(key, now);
      if (counter === undefined) continue;
      if (op !== undefined && counter.lastOp === op) return undefined;
      if (counter.count >= max) return refuse(name, counter.endsAt - now);
      if (counter.nextAt > now) return refuse(name, Math.min(counter.nextAt, counter.endsAt) - now);
    }
    for (const limit of limits) {
      if (limit.cost !== 0) this.#count(limit, now, op);
    }
    return undefined;
  }

  refund(limits: readonly Limit[], now: number): void {
    for (const { key } of limits) {
      const counter = this.#live(key, now);
      if (counter === undefined) continue;
      counter.count -= 1;
      // The event that is taken back was allowed, so the gap before it had passed.
      counter.nextAt = 0;
      if (counter.count <= 0) this.#counters.delete(key);
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

  #live(key: string, now: number): Counter | undefined {
    const counter = this.#counters.get(key);
    return counter !== undefined && counter.endsAt > now ? counter : undefined;
  }

  #count({ key, windowSeconds, gapsSeconds = [] }: Limit, now: number, op?: string): void {
    let counter = this.#live(key, now);
    if (counter === undefined) {
      counter = { count: 0, endsAt: now + windowSeconds * 1000, nextAt: 0, lastOp: undefined };
      this.#counters.set(key, counter, now);
    }
    counter.count += 1;
    counter.nextAt = now + gapAfter(gapsSeconds, counter.count);
    counter.lastOp = op;
  }
}

export function refuse(limit: LimitName, leftMs: number): Refused {
  return { ok: false, limit, retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
}

/** In milliseconds. The last gap holds for all that follow; no gaps, no wait. */
export function gapAfter(gapsSeconds: readonly number[], event: number): number {
  return (gapsSeconds[Math.min(event, gapsSeconds.length) - 1] ?? 0) * 1000;
}
