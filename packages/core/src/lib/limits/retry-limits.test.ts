import { expect, test } from 'vitest';
import { retryLimits } from './retry-limits.js';

test('the retries of each verification are counted separately', () => {
  const [a, b] = ['a', 'b'].map(retryLimits);
  expect(a).toMatchObject([{ name: 'sends', windows: [{ max: 20, windowSeconds: 600 }] }]);
  expect(a?.[0]?.key).not.toBe(b?.[0]?.key);
});
