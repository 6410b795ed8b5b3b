import { afterEach, describe, expect, it, vi } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { readKeys } from './read-keys.js';

const keys = generateKeys();
const SECRET = keys.keyring.limits;
const ENV = {
  OTP_KEYRING: JSON.stringify(keys.keyring),
  OTP_SIGNING_KEYS: JSON.stringify(keys.signingKeys),
};

function messageOf(env: Record<string, string | undefined>): string {
  try {
    readKeys(env);
  } catch (error) {
    if (error instanceof TypeError) return `${error.message} ${String(error.cause)}`;
  }
  return 'nothing was thrown';
}

describe('readKeys', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('returns keyring and signingKeys', () => {
    expect(readKeys(ENV)).toEqual(keys);
  });

  it('returns the secret alone when OTP_SECRET is set', () => {
    expect(readKeys({ OTP_SECRET: SECRET })).toEqual({ secret: SECRET });
    expect(readKeys({ ...ENV, OTP_SECRET: '' })).toEqual(keys);
  });

  it('reads a JSON array of secrets', () => {
    const secret = [SECRET, SECRET];
    expect(readKeys({ OTP_SECRET: JSON.stringify(secret) })).toEqual({ secret });
    expect(readKeys({ OTP_SECRET: `'${JSON.stringify(secret)}'` })).toEqual({ secret });
  });

  it('refuses a secret beside the pair', () => {
    expect(messageOf({ ...ENV, OTP_SECRET: SECRET })).toContain('Use either OTP_SECRET, or');
  });

  it.each(["'", '"'])('reads values that are still in %s', (quote) => {
    const quoted = (value: string) => `${quote}${value}${quote}`;
    expect(readKeys({ OTP_SECRET: quoted(SECRET) })).toEqual({ secret: SECRET });
    const env = {
      OTP_KEYRING: quoted(ENV.OTP_KEYRING),
      OTP_SIGNING_KEYS: quoted(ENV.OTP_SIGNING_KEYS),
    };
    expect(readKeys(env)).toEqual(keys);
  });

  it('reads the environment of the process by default', () => {
    for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value);
    expect(readKeys()).toEqual(keys);
  });

  it('names all variables when none is set', () => {
    expect(messageOf({})).toBe(
      'OTP_SECRET is not set, nor are OTP_KEYRING and OTP_SIGNING_KEYS; `npx -p @otp/core otp-keys` prints a fresh one. undefined',
    );
  });

  it.each(['OTP_KEYRING', 'OTP_SIGNING_KEYS'])('names %s when it alone is not set', (name) => {
    for (const value of [undefined, '', "''"]) {
      expect(messageOf({ ...ENV, [name]: value })).toBe(
        `${name} is not set; \`npx -p @otp/core otp-keys\` prints a fresh one. undefined`,
      );
    }
  });

  it.each(['OTP_KEYRING', 'OTP_SIGNING_KEYS'])(
    'names %s when it is not JSON, and repeats nothing of it [P01]',
    (name) => {
      expect(messageOf({ ...ENV, [name]: SECRET })).toBe(
        `${name} must be JSON, as otp-keys prints it; \`npx -p @otp/core otp-keys\` prints a fresh one. undefined`,
      );
    },
  );
});
