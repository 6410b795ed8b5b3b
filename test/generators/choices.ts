import type { Randomness } from '@otp/core';

/** The source of a generator's decisions. 0 is the plainest choice. */
export interface Choices {
  /** Returns an integer from 0 to `count` - 1. */
  below(count: number): number;
}

/** Takes decisions from bytes, which a property test can shrink. After the last byte every decision is 0. */
export function choicesOf(bytes: Uint8Array): Choices {
  let at = 0;
  return {
    below(count) {
      let value = 0;
      for (let range = 1; range < count; range *= 256) {
        value = value * 256 + (bytes[at] ?? 0);
        at += 1;
      }
      return value % count;
    },
  };
}

/** Takes pseudo-random decisions, the same for the same seed (mulberry32). */
export function seededChoices(seed: number): Choices {
  let state = seed;
  return {
    below(count) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
    },
  };
}

/** Pseudo-random bytes and numbers, the same for the same seed. */
export function seededRandomness(seed: number): Randomness {
  const { below } = seededChoices(seed);
  return {
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))),
    int: below,
  };
}

export function pick<T>(choices: Choices, list: readonly [T, ...T[]]): T {
  return list[choices.below(list.length)] ?? list[0];
}

/** Returns true in that percentage of cases. False is the plain choice. */
export function happens(choices: Choices, percent: number): boolean {
  return choices.below(100) >= 100 - percent;
}
