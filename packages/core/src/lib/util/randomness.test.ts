import { describe, expect, it } from 'vitest';
import { CRYPTO_RANDOMNESS } from './randomness.js';

describe('CRYPTO_RANDOMNESS', () => {
  it.each([0, 1, 32, 4095, 4096, 4097, 10_000])('makes %i bytes', (size) => {
    expect(CRYPTO_RANDOMNESS.bytes(size)).toHaveLength(size);
  });

  it('hands out no byte twice', () => {
    // Of several pools, kept so that none of their memory is used anew.
    const all = Array.from({ length: 2_000 }, () => CRYPTO_RANDOMNESS.bytes(24));
    const places = new Map<ArrayBufferLike, Set<number>>();
    for (const { buffer, byteOffset, length } of all) {
      const seen = places.get(buffer) ?? new Set();
      for (let index = 0; index < length; index += 1) seen.add(byteOffset + index);
      places.set(buffer, seen);
    }
    const distinct = [...places.values()].reduce((sum, { size }) => sum + size, 0);
    expect(distinct).toBe(2_000 * 24);
  });

  it('makes whole numbers below what is asked', () => {
    const seen = new Set(Array.from({ length: 500 }, () => CRYPTO_RANDOMNESS.int(3)));
    expect([...seen].toSorted()).toEqual([0, 1, 2]);
  });
});
