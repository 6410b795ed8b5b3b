import { describe, expect, test } from 'vitest';
import type { Limit, LimitName } from '../ports.js';
import { refundsOfFailedSend } from './refunds.js';

const limit = (name: LimitName, cost: 0 | 1 = 1): Limit => {
  const windows = [{ max: 1, windowSeconds: 60 }];
  return { key: `key of ${name}`, name, windows, cost };
};

describe('refundsOfFailedSend', () => {
  test('returns the limits that count messages, and not those that count clients', () => {
    const charged = [
      limit('token_used', 0),
      limit('challenge', 0),
      limit('challenge'),
      limit('user', 0),
      limit('consecutive_failures', 0),
      limit('recipient'),
      limit('client_address'),
      limit('client_network'),
      limit('number_prefix'),
      limit('conversion', 0),
      limit('app'),
    ];
    expect(refundsOfFailedSend(charged)).toEqual([
      limit('challenge'),
      limit('recipient'),
      limit('app'),
    ]);
  });
});
