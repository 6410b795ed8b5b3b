import { inspect } from 'node:util';
import { serviceOptions } from '@otp/test/service-options';
import { setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { createOtpService } from '../src/lib/service.js';

const SECRET = 'canary-0123456789';
const ADDRESS = 'canary user@canary.example';

/** Whatever a host may do with an error that it catches. */
function everyTextOf(error: unknown): string {
  const { message, stack, cause } = error instanceof Error ? error : { message: String(error) };
  const texts = [message, stack, inspect(cause), JSON.stringify(error)];
  return [...texts, inspect(error, { depth: null, showHidden: true })].join('\n');
}

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('P01', () => {
  const options = serviceOptions();
  const { keyring, signingKeys } = options;
  const [key] = signingKeys;
  const { service } = setUp();
  const challenge = { sub: 'user-1', steps: ['verify_email'] } as const;
  const address = { type: 'email_address', value: ADDRESS } as const;

  const misuses: [string, () => unknown][] = [
    [
      'a secret that is too short',
      () => createOtpService({ ...options, keyring: { ...keyring, secrets: { a: SECRET } } }),
    ],
    [
      'a secret of limits that is too short',
      () => createOtpService({ ...options, keyring: { ...keyring, limits: SECRET } }),
    ],
    [
      'a secret in place of the keyring',
      () => createOtpService({ ...options, keyring: SECRET as never }),
    ],
    [
      'a private key that is none',
      () => createOtpService({ ...options, signingKeys: [{ ...key, d: SECRET }] as never }),
    ],
    [
      'a private key of another type',
      () =>
        createOtpService({ ...options, signingKeys: [{ ...key, kty: 'oct', k: SECRET }] as never }),
    ],
    [
      'a private key among public ones',
      () => {
        const jwks = { keys: [{ ...key, d: SECRET }] };
        const challengeIssuers = [{ issuer: 'https://issuer.example', jwks }];
        createOtpService({ ...options, challengeIssuers: challengeIssuers as never });
      },
    ],
    ['a recipient to forget that is none', () => service.resetLimits(address)],
    [
      'a challenge for a recipient that is none',
      () => service.issueChallengeToken({ ...challenge, identifier: address }),
    ],
    [
      'a step for a recipient that is none',
      () =>
        service.issueChallengeToken({
          ...challenge,
          steps: [{ key: 'verify_email', identifier: address }],
        }),
    ],
    [
      'a challenge token in place of what is expected',
      () => service.consumeStepUp(SECRET, { grantMode: '', token: SECRET } as never),
    ],
  ];

  test.each(misuses)('the error about %s does not repeat it [P01]', async (_, work) => {
    const error = await errorOf(work);
    expect(error).toBeInstanceOf(TypeError);
    expect(everyTextOf(error)).not.toMatch(/canary/);
  });

  test('a service that is logged shows neither keys nor options [P01]', () => {
    const shown = inspect(createOtpService(options), { depth: null, showHidden: true });
    for (const secret of [...Object.values(keyring.secrets), keyring.limits, key?.d]) {
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(shown).not.toContain(secret);
    }
  });
});
