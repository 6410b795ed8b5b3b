import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import type { Challenge } from '../challenge/challenge.js';
import type { CounterName, Identifier } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { failureLimits, guessLimits } from './check-limits.js';
import { clientLimits, messageLimits } from './create-limits.js';

const PHONE: Identifier = { type: 'phone_number', value: '+33612345678' };
const config = resolveOptions(serviceOptions(), new Set());

const challenge: Challenge = {
  claims: {
    iss: 'https://issuer.example',
    aud: 'app',
    sub: 'user',
    iat: 1,
    exp: 2,
    jti: 'jti-000001',
    challenge_id: 'c',
    current_step: 'verify_sms',
  },
  step: 'verify_sms',
  recipient: undefined,
  name: 'name of the challenge',
  secondsToRemember: 630,
};

/** The counters that a create only asks. */
function askedByCreate(of: Challenge | undefined): string[] {
  const input = {
    identifier: PHONE,
    bucket: '203.0.113.7',
    challenge: of,
    blocks: [],
    namesRecipient: false,
  };
  const limits = [...clientLimits(config, input), ...messageLimits(config, input)];
  return limits.filter(({ cost }) => cost === 0).map(nameOf);
}

const nameOf = ({ key, share }: CounterName) => JSON.stringify([key, share]);

describe('guessLimits', () => {
  it('are none in the standalone flow', () => {
    expect(guessLimits(config, undefined)).toEqual([]);
  });

  it('charge the budgets of challenge and user that a create checks, under the same keys', () => {
    const charged = guessLimits(config, challenge);
    expect(charged.map(({ name, cost = 1 }) => `${name} ${cost}`)).toEqual([
      'challenge 1',
      'user 1',
    ]);
    expect(askedByCreate(challenge)).toEqual(expect.arrayContaining(charged.map(nameOf)));
  });
});

describe('failureLimits', () => {
  it('count a failure in a row of the user and of the user with this recipient [R11]', () => {
    const limits = failureLimits(config, { identifier: PHONE, challenge });
    expect(limits).toHaveLength(2);
    for (const { name, windows } of limits) {
      expect([name, windows[0]?.max]).toEqual(['consecutive_failures', 2 ** 31 - 1]);
    }
    expect(askedByCreate(challenge)).toEqual(expect.arrayContaining(limits.map(nameOf)));
  });

  it('count one of a standalone recipient, which no create refuses by [R11]', () => {
    const limits = failureLimits(config, { identifier: PHONE, challenge: undefined });
    expect(limits).toMatchObject([
      { name: 'consecutive_failures', windows: [{ max: 2 ** 31 - 1 }] },
    ]);
    expect(askedByCreate(undefined)).toEqual([]);
  });
});
