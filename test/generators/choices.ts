import type { Randomness } from '@otp/core';

/** Where a generator takes its decisions from. 0 stands for the plainest thing there is to decide. */
export interface Choices {
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
}

/** Decisions out of bytes that a property test shrinks; after the last byte everything is plain. */
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

/** The same decisions for the same seed (mulberry32, 32 bits at a time). */
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

/** Bytes and numbers that are random to everybody but the test. */
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

/** True that often; not doing it is the plain thing. */
export function happens(choices: Choices, percent: number): boolean {
  return choices.below(100) >= 100 - percent;
}
