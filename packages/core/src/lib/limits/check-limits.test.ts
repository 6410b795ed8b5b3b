import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import type { Challenge } from '../challenge/challenge.js';
import type { Identifier } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { checkLimits } from './check-limits.js';
import { createLimits } from './create-limits.js';

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

/** The keys that a create only asks. */
function askedByCreate(of: Challenge | undefined): string[] {
  const input = { identifier: PHONE, clientAddress: '203.0.113.7', challenge: of, blocks: [] };
  const limits = createLimits(config, input);
  return limits.filter(({ cost }) => cost === 0).map(({ key }) => key);
}

describe('checkLimits', () => {
  it('standalone: counts a failure in a row and never refuses [R11]', () => {
    const [limit, ...rest] = checkLimits(config, { identifier: PHONE, challenge: undefined });
    expect(rest).toEqual([]);
    expect(limit).toMatchObject({ name: 'consecutive_failures', windows: [{ max: 2 ** 31 - 1 }] });
    expect(askedByCreate(undefined)).toEqual([limit?.key]);
  });

  it('step-up: charges the budgets that a create checks, under the same keys', () => {
    const charged = checkLimits(config, { identifier: PHONE, challenge });
    expect(charged.map(({ name, cost = 1 }) => `${name} ${cost}`)).toEqual([
      'token_used 0',
      'challenge 1',
      'user 1',
      'consecutive_failures 1',
    ]);
    expect(charged.map(({ key }) => key)).toEqual(askedByCreate(challenge));
  });
});
