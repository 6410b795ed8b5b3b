import { serviceOptions } from '@otp/test/service-options';
import { watchOutput } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createOtpService } from '../service.js';
import { generateKeys } from './generate-keys.js';

/** What the command prints, by the names of the variables. */
async function runOtpKeys(): Promise<Record<string, string>> {
  const watch = watchOutput();
  try {
    await import('../../otp-keys.js');
    const lines = await watch.lines();
    return Object.fromEntries(
      lines.map((line) => {
        const [, name = '', value = ''] = /^([A-Z_]+)='([^']*)'$/.exec(line) ?? [];
        return [name, value];
      }),
    );
  } finally {
    watch.stop();
  }
}

describe('generateKeys', () => {
  it('makes what createOtpService accepts', () => {
    expect(() => createOtpService({ ...serviceOptions(), ...generateKeys() })).not.toThrow();
  });

  it('makes everything anew each time', () => {
    const all = Array.from({ length: 50 }, generateKeys).flatMap(
      ({ keyring, signingKeys: [key] }) => [
        keyring.active,
        keyring.limits,
        ...Object.values(keyring.secrets),
        key.kid,
        key.d,
      ],
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('otp-keys', () => {
  it('prints lines of a .env file that createOtpService accepts', async () => {
    const variables = await runOtpKeys();
    expect(Object.keys(variables)).toEqual(['OTP_KEYRING', 'OTP_SIGNING_KEYS']);
    const keyring = JSON.parse(variables.OTP_KEYRING ?? '');
    const signingKeys = JSON.parse(variables.OTP_SIGNING_KEYS ?? '');
    expect(() => createOtpService({ ...serviceOptions(), keyring, signingKeys })).not.toThrow();
  });
});
