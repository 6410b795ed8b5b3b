import { serviceOptions } from '@otp/test/service-options';
import { watchOutput } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createOtpService } from '../service.js';
import { generateKeys } from './generate-keys.js';
import { readKeys } from './read-keys.js';

/** The variables that the command prints. */
async function runOtpKeys(): Promise<Record<string, string>> {
  const watch = watchOutput();
  try {
    await import('../../otp-keys.js');
    const lines = (await watch.lines()).flatMap((each) => each.split('\n'));
    const variables = lines.map((line) => /^(?:# )?([A-Z_]+)=('.*')$/.exec(line) ?? []);
    return Object.fromEntries(variables.map(([, name = '#', value = '']) => [name, value]));
  } finally {
    watch.stop();
  }
}

describe('generateKeys', () => {
  it('generates options that createOtpService accepts', () => {
    expect(() => createOtpService({ ...serviceOptions(), ...generateKeys() })).not.toThrow();
  });

  it('generates other keys each time', () => {
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
  it('prints lines of a .env file that readKeys and createOtpService accept', async () => {
    const { OTP_SECRET, ...pair } = await runOtpKeys();
    expect(Object.keys(pair)).toEqual(['#', 'OTP_KEYRING', 'OTP_SIGNING_KEYS']);
    const { keyring: _keyring, signingKeys: _signingKeys, ...options } = serviceOptions();
    for (const env of [{ OTP_SECRET }, pair]) {
      expect(() => createOtpService({ ...options, ...readKeys(env) })).not.toThrow();
    }
  });
});
