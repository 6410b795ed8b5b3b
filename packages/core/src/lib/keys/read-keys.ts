import type { KeyringOptions } from './keyring.js';
import type { KeysOptions } from './resolve-keys.js';
import { FRESH_KEYS } from './secret.js';
import type { SigningKey } from './signing-keys.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the keys of `createOtpService` from the environment, as `otp-keys` prints them; `createOtpService` checks them.
 * A value may still be in quotes, as `docker run --env-file` leaves it. OTP_SECRET may be a JSON array of secrets, of which
 * the first is active.
 *
 * @param env the variables; those of the process unless given
 * @returns `secret` when OTP_SECRET is set, otherwise `keyring` and `signingKeys` from OTP_KEYRING and OTP_SIGNING_KEYS
 * @throws TypeError that names the variable that is missing or is not JSON
 * @example
 * const service = createOtpService({ ...readKeys(), appId: 'shop', … });
 */
export function readKeys(env: Env = process.env): KeysOptions {
  const secret = readVariable(env, 'OTP_SECRET');
  const hasPair = Boolean(env.OTP_KEYRING || env.OTP_SIGNING_KEYS);
  if (secret) {
    if (hasPair) {
      throw new TypeError(
        'Use either OTP_SECRET, or OTP_KEYRING with OTP_SIGNING_KEYS; both are set.',
      );
    }
    // Several secrets, while they are rotated, are a JSON array.
    return { secret: secret.startsWith('[') ? (readJson(env, 'OTP_SECRET') as string[]) : secret };
  }
  if (!hasPair) {
    throw new TypeError(
      `OTP_SECRET is not set, nor are OTP_KEYRING and OTP_SIGNING_KEYS; ${FRESH_KEYS}.`,
    );
  }
  return {
    keyring: readJson(env, 'OTP_KEYRING') as KeyringOptions,
    signingKeys: readJson(env, 'OTP_SIGNING_KEYS') as readonly SigningKey[],
  };
}

function readVariable(env: Env, name: string): string | undefined {
  return env[name]?.replace(/^(['"])(.*)\1$/s, '$2');
}

function readJson(env: Env, name: string): unknown {
  const json = readVariable(env, name);
  if (!json) throw new TypeError(`${name} is not set; ${FRESH_KEYS}.`);
  try {
    return JSON.parse(json);
  } catch {
    // Without a cause: the message of JSON.parse repeats the value, which is a secret.
    throw new TypeError(`${name} must be JSON, as otp-keys prints it; ${FRESH_KEYS}.`);
  }
}
