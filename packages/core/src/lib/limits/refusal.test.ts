import { describe, expect, test } from 'vitest';
import { gapMsAfter, toRefused } from './refusal.js';

describe('toRefused', () => {
  test.each([
    [-5, 1],
    [0, 1],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [59_999.5, 60],
  ])('a wait of %d ms is %d s', (waitMs, retryAfterSeconds) => {
    expect(toRefused('sends', waitMs)).toEqual({ ok: false, limit: 'sends', retryAfterSeconds });
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
