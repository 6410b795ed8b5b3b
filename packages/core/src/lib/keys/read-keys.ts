import type { KeyringOptions } from './keyring.js';
import type { SigningKey } from './signing-keys.js';

/**
 * The keys of `createOtpService` from the two variables that `otp-keys` prints, `OTP_KEYRING` and `OTP_SIGNING_KEYS`.
 * What is in them is checked by `createOtpService`.
 * @throws TypeError that names the variable which is not set, or holds no JSON.
 */
export function readKeys(env: Readonly<Record<string, string | undefined>> = process.env): {
  keyring: KeyringOptions;
  signingKeys: readonly SigningKey[];
} {
  return {
    keyring: readJson(env, 'OTP_KEYRING') as KeyringOptions,
    signingKeys: readJson(env, 'OTP_SIGNING_KEYS') as readonly SigningKey[],
  };
}

function readJson(env: Readonly<Record<string, string | undefined>>, name: string): unknown {
  const text = env[name];
  if (!text)
    throw new TypeError(`${name} is not set. \`npx -p @otp/core otp-keys\` prints a fresh one.`);
  try {
    return JSON.parse(text);
  } catch {
    // Without a cause: the message of JSON.parse repeats the text, which is a secret.
    throw new TypeError(`${name} must be JSON, as \`npx -p @otp/core otp-keys\` prints it.`);
  }
}
