import { afterEach, describe, expect, it, vi } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { readKeys } from './read-keys.js';

const keys = generateKeys();
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

  it('answers what otp-keys has printed', () => {
    expect(readKeys(ENV)).toEqual(keys);
  });

  it('reads the environment of the process unless it is given another', () => {
    for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value);
    expect(readKeys()).toEqual(keys);
  });

  it.each(['OTP_KEYRING', 'OTP_SIGNING_KEYS'])('names %s when it is not there', (name) => {
    for (const value of [undefined, '']) {
      expect(messageOf({ ...ENV, [name]: value })).toBe(
        `${name} is not set. \`npx -p @otp/core otp-keys\` prints a fresh one. undefined`,
      );
    }
  });

  it.each(['OTP_KEYRING', 'OTP_SIGNING_KEYS'])(
    'names %s when it is no JSON, and repeats nothing of it [P01]',
    (name) => {
      const secret = keys.keyring.limits;
      expect(messageOf({ ...ENV, [name]: secret })).toBe(
        `${name} must be JSON, as \`npx -p @otp/core otp-keys\` prints it. undefined`,
      );
    },
  );
});
