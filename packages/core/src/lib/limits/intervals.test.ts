import { describe, expect, test } from 'vitest';
import { gapMsAfter, toGaps } from './intervals.js';

describe('toGaps', () => {
  test('doubles the first gap up to eight times', () => {
    expect(toGaps(30)).toEqual([30, 60, 120, 240]);
    expect(toGaps(0)).toEqual([0, 0, 0, 0]);
  });
});

describe('gapMsAfter', () => {
  test.each([
    [1, 30_000],
    [2, 60_000],
    [3, 60_000],
    [0, 0],
  ])('the gap after event %d is %d ms', (event, gapMs) => {
    expect(gapMsAfter([30, 60], event)).toBe(gapMs);
  });

  test('there is none without gaps', () => {
    expect(gapMsAfter([], 1)).toBe(0);
  });
});
