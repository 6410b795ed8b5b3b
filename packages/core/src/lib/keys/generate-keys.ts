import { randomBytes } from 'node:crypto';
import type { KeyringOptions } from './keyring.js';
import { type SigningKey, toSigningKey } from './signing-keys.js';

/**
 * Generates the options `keyring` and `signingKeys` of `createOtpService`, for a host that rotates each by itself.
 * `otp-keys` prints them for a `.env` file.
 *
 * @returns fresh random keys
 */
export function generateKeys(): { keyring: KeyringOptions; signingKeys: [SigningKey] } {
  const kid = randomBytes(6).toString('hex');
  return {
    keyring: { active: kid, secrets: { [kid]: generateSecret() }, limits: generateSecret() },
    signingKeys: [toSigningKey(randomBytes(32))],
  };
}

/** 32 random bytes as base64url, for the option `secret`. */
export function generateSecret(): string {
  return randomBytes(32).toString('base64url');
}
