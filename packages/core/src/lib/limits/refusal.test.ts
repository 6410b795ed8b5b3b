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

  const options = (limitErrorCode: 'auth_blocked' | 'rate_limited', firstGap = 30) => ({
    limitErrorCode,
    gapsSeconds: [firstGap],
  });

  test.each([
    'recipient_share',
    'client_address',
    'client_network',
    'number_prefix_share',
    'recipient',
    'number_prefix',
    'conversion',
    'app',
  ] as const)('of a create over %s has the code that the host has chosen', (limit) => {
    for (const code of ['auth_blocked', 'rate_limited'] as const) {
      expect(refusedCreate(refused(limit), options(code))).toMatchObject({ code, limit });
    }
  });

  test.each([
    ['recipient', 30, 7, 30],
    ['recipient', 30, 31, 60],
    ['recipient', 30, 600, 600],
    ['recipient', 30, 601, 1_200],
    ['recipient', 30, 82_350, 82_800],
    ['recipient', 60, 7, 60],
    ['recipient', 0, 7, 30],
    ['number_prefix', 30, 7, 30],
    ['conversion', 30, 7, 30],
    ['app', 30, 7, 30],
    ['recipient_share', 30, 7, 7],
    ['number_prefix_share', 30, 7, 7],
    ['client_address', 30, 7, 7],
    ['client_network', 30, 7, 7],
    ['challenge', 30, 7, 7],
  ] as const)(
    'of a create over %s, with a first gap of %d s, is %d s told as %d s [R13]',
    (limit, firstGap, wait, retryAfterSeconds) => {
      const refusal = refusedCreate(
        toRefused(limit, wait * 1_000),
        options('auth_blocked', firstGap),
      );
      expect(refusal).toMatchObject({ retryAfterSeconds });
    },
  );

  test.each(['challenge', 'user', 'consecutive_failures'] as const)(
    'of a create over %s is auth_blocked',
    (limit) => {
      expect(refusedCreate(refused(limit), options('rate_limited')).code).toBe('auth_blocked');
    },
  );

  test('of a retry or a check is rate_limited', () => {
    const failure = { code: 'rate_limited', retryAfterSeconds: 7 };
    expect(refusedRetry(refused('sends'))).toMatchObject({ ...failure, limit: 'sends' });
    expect(refusedCheck(refused('user'))).toMatchObject({ ...failure, limit: 'user' });
  });
});
