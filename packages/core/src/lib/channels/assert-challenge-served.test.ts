import { createTestService } from '@otp/testing';
import { describe, expect, test } from 'vitest';
import type { NewChallenge } from '../challenge/issue.js';
import type { OtpServiceOptions } from '../options.js';

const sender = { send: async () => undefined };
const PHONE = { type: 'phone_number', value: '+33612345678' } as const;
const EMAIL = { type: 'email_address', value: 'user@example.com' } as const;
const sms = { sender, countries: ['FR'] };
const findRecipient = () => undefined;

type Options = Partial<OtpServiceOptions>;

function issue(options: Options, challenge: Omit<NewChallenge, 'sub'>): Promise<string> {
  return createTestService(options).service.issueChallengeToken({ sub: 'user-1', ...challenge });
}

const BY_WHATSAPP = { channels: { whatsapp: sms }, loginConfigs: { wa: { channel: 'whatsapp' } } };
const GERMAN = { type: 'phone_number', value: '+4915112345678' } as const;

describe('issueChallengeToken of a service', () => {
  test.each<[rule: string, Options, Omit<NewChallenge, 'sub'>]>([
    [
      'challenge.steps[0] needs channels.sms, or a login config of sms or whatsapp',
      { channels: { email: { sender } } },
      { steps: ['verify_sms'], identifier: PHONE },
    ],
    [
      'challenge.steps[1] needs channels.email; this service has none',
      { channels: { sms } },
      { steps: ['verify_sms', { key: 'verify_email', identifier: EMAIL }], identifier: PHONE },
    ],
    // Its flow is standalone.
    [
      'challenge.steps[0] needs channels.sms',
      BY_WHATSAPP as Options,
      { steps: ['verify_sms'], identifier: PHONE },
    ],
    [
      'challenge.steps[1] needs an identifier of its type, or the option findRecipient',
      { channels: { sms } },
      { steps: ['password', 'verify_sms'] },
    ],
    [
      'challenge.steps[0] needs an identifier of its type',
      { channels: { sms, email: { sender } } },
      { steps: ['verify_sms'], identifier: EMAIL },
    ],
  ])('refuses a step that no create can start: %s', async (rule, options, challenge) => {
    const issued = issue(options, challenge);
    await expect(issued).rejects.toThrow(TypeError);
    await expect(issued).rejects.toThrow(rule);
  });

  test.each<[Options, Omit<NewChallenge, 'sub'>]>([
    [{ channels: { sms } }, { steps: ['verify_sms'], identifier: PHONE }],
    [{ channels: { sms }, findRecipient }, { steps: ['verify_sms'] }],
    // Create refuses the country: the recipient is the data of a user.
    [{ channels: { sms } }, { steps: ['verify_sms'], identifier: GERMAN }],
    [{ channels: { email: { sender } } }, { steps: ['verify_email', 'mine'], identifier: EMAIL }],
    [
      {
        channels: { whatsapp: sms },
        loginConfigs: { wa: { channel: 'whatsapp', flows: ['step-up'] } },
      } as Options,
      { steps: ['verify_sms'], identifier: PHONE },
    ],
    [{ channels: { email: { sender } } }, { steps: ['mine'] }],
  ])('signs every other one: %#', async (options, challenge) => {
    expect(await issue(options, challenge)).toMatch(/^ey/);
  });
});
