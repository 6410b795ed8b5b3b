import { describe, expect, test } from 'vitest';
import type { LimitName } from '../ports.js';
import { refusedCheck, refusedCreate, refusedRetry, toRefused } from './refusal.js';

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

describe('the failure of a request over a limit', () => {
  const refused = (limit: LimitName) => toRefused(limit, 7_000);

  test.each([
    'recipient',
    'client_address',
    'client_network',
    'number_prefix',
    'conversion',
    'app',
  ] as const)('of a create over %s has the code that the host has chosen', (limit) => {
    for (const code of ['auth_blocked', 'rate_limited'] as const) {
      expect(refusedCreate(refused(limit), code)).toMatchObject({
        code,
        limit,
        retryAfterSeconds: 7,
      });
    }
  });

  test.each(['challenge', 'user', 'consecutive_failures'] as const)(
    'of a create over %s is auth_blocked',
    (limit) => {
      expect(refusedCreate(refused(limit), 'rate_limited').code).toBe('auth_blocked');
    },
  );

  test('of a retry or a check is rate_limited', () => {
    const failure = { code: 'rate_limited', retryAfterSeconds: 7 };
    expect(refusedRetry(refused('sends'))).toMatchObject({ ...failure, limit: 'sends' });
    expect(refusedCheck(refused('user'))).toMatchObject({ ...failure, limit: 'user' });
  });
});
