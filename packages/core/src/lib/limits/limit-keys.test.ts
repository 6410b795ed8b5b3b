import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import type { Identifier } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { consecutiveFailuresKey, keysOfRecipient, recipientKey } from './limit-keys.js';

const config = resolveOptions(serviceOptions(), new Set());
const PHONE: Identifier = { type: 'phone_number', value: '+33612345678' };
const EMAIL: Identifier = { type: 'email_address', value: 'user@example.com' };

describe('keysOfRecipient', () => {
  it.each([PHONE, EMAIL])('returns what is counted for %j in both flows', (identifier) => {
    for (const flow of ['standalone', 'step-up'] as const) {
      expect(keysOfRecipient(config, identifier)).toEqual(
        expect.arrayContaining([
          recipientKey(config, flow, identifier),
          consecutiveFailuresKey(config, flow, identifier),
        ]),
      );
    }
  });

  it('returns creates, tally and block of the prefix of a number too', () => {
    expect(keysOfRecipient(config, EMAIL)).toHaveLength(4);
    const ofPrefix = keysOfRecipient(config, PHONE).slice(4);
    expect(ofPrefix.map((key) => key.slice(0, 2))).toEqual(['p:', 'n:', 'b:']);
    const neighbour = keysOfRecipient(config, { ...PHONE, value: '+33612340000' });
    expect(neighbour.slice(4)).toEqual(ofPrefix);
    const stranger = keysOfRecipient(config, { ...PHONE, value: '+33612355678' });
    expect(stranger.filter((key) => ofPrefix.includes(key))).toEqual([]);
  });
});
