import { describe, expect, it } from 'vitest';
import { createKeys, groupBySlot } from './keys.js';

const limit = (key: string) => ({ key, name: 'recipient' as const, windows: [] });

describe('keys', () => {
  it('puts what is counted for one name into one slot, under names of their own', () => {
    const keys = createKeys('otp:');
    expect(['abc', 't:abc', 'c:abc'].map(keys.limit)).toEqual([
      'otp:l{abc}',
      'otp:l{abc}t:',
      'otp:l{abc}c:',
    ]);
    expect(keys.record('abc')).toBe('otp:v{abc}');
  });

  it('groups limits by name and keeps their places', () => {
    const groups = groupBySlot(['t:a', 'b', 'w:a'].map(limit));
    expect(groups.map(({ places }) => places)).toEqual([[0, 2], [1]]);
  });

  it('takes a key that ends in a colon for a name', () => {
    expect(createKeys('').limit('a:')).toBe('l{a:}');
    expect(groupBySlot(['a:', 'b:'].map(limit))).toHaveLength(2);
  });
});
