import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import type { Identifier } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import {
  keysOfRecipient,
  keysOfUser,
  recipientFailuresKey,
  recipientKey,
  userKeys,
} from './limit-keys.js';

const config = resolveOptions(serviceOptions(), new Set());
const PHONE: Identifier = { type: 'phone_number', value: '+33612345678' };
const EMAIL: Identifier = { type: 'email_address', value: 'user@example.com' };

describe('keysOfRecipient', () => {
  it.each([PHONE, EMAIL])('returns what is counted for %j in both flows', (identifier) => {
    expect(keysOfRecipient(config, identifier).slice(0, 3)).toEqual([
      recipientKey(config, 'standalone', identifier),
      recipientKey(config, 'step-up', identifier),
      recipientFailuresKey(config, identifier),
    ]);
  });

  it('returns what is counted for the prefix of a number too', () => {
    expect(keysOfRecipient(config, EMAIL)).toHaveLength(3);
    const ofPrefix = keysOfRecipient(config, PHONE).slice(3);
    expect(ofPrefix.map((key) => key.slice(0, 2))).toEqual(['p:', 'n:', 'b:']);
    const neighbour = keysOfRecipient(config, { ...PHONE, value: '+33612340000' });
    expect(neighbour.slice(3)).toEqual(ofPrefix);
    const stranger = keysOfRecipient(config, { ...PHONE, value: '+33612355678' });
    expect(stranger.filter((key) => ofPrefix.includes(key))).toEqual([]);
  });
});

describe('keysOfUser', () => {
  it('returns the wrong codes of a day and those in a row, and the recipients that were tried', () => {
    const user = { iss: 'https://issuer.example', sub: 'user-1' };
    const { failures, recipientTrials, consecutiveFailures } = userKeys(config, user);
    const keys = [failures, recipientTrials, consecutiveFailures];
    expect(keysOfUser(config, user)).toEqual(keys);
    expect(keysOfUser(config, { ...user, iss: 'https://other.example' })).not.toContain(failures);
  });
});

it('counts a mailbox once for a user, whatever the tag of its address', () => {
  const { shareOf } = userKeys(config, { iss: 'https://otp.example', sub: 'user-1' });
  const address = (value: string): Identifier => ({ type: 'email_address', value });
  expect(shareOf(address('user+tag@example.com'))).toBe(shareOf(EMAIL));
  expect(shareOf(address('other@example.com'))).not.toBe(shareOf(EMAIL));
});
