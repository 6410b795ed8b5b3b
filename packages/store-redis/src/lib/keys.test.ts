import { describe, expect, it } from 'vitest';
import { createKeys, groupBySlot } from './keys.js';

const limit = (key: string) => ({ key, name: 'recipient' as const, windows: [] });

describe('createKeys and groupBySlot', () => {
  it('put all limits of one name into one slot, under different keys', () => {
    const keys = createKeys('otp:');
    expect(['abc', 't:abc', 'c:abc'].map(keys.limit)).toEqual([
      'otp:l{abc}',
      'otp:l{abc}t:',
      'otp:l{abc}c:',
    ]);
    expect(keys.record('abc')).toBe('otp:v{abc}');
  });

  it('group limits by name and keep their indexes', () => {
    const groups = groupBySlot(['t:a', 'b', 'w:a'].map(limit));
    expect(groups.map(({ indexes }) => indexes)).toEqual([[0, 2], [1]]);
  });

  it('take a key that ends in a colon as a name', () => {
    expect(createKeys('').limit('a:')).toBe('l{a:}');
    expect(groupBySlot(['a:', 'b:'].map(limit))).toHaveLength(2);
  });
});
