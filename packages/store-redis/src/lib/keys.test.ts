import { describe, expect, it } from 'vitest';
import { createKeys, nameOf } from './keys.js';

describe('createKeys', () => {
  it('puts all counters of one name into one slot, under different keys', () => {
    const keys = createKeys('otp:');
    expect(['abc', 't:abc', 'c:abc'].map(keys.counter)).toEqual([
      'otp:l{abc}',
      'otp:l{abc}t:',
      'otp:l{abc}c:',
    ]);
    expect(['abc', 't:abc'].map(nameOf)).toEqual(['abc', 'abc']);
    expect(keys.record('abc')).toBe('otp:v{abc}');
  });

  it('takes a key that ends in a colon as a name', () => {
    expect(createKeys('').counter('a:')).toBe('l{a:}');
  });
});
