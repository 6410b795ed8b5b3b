import * as v from 'valibot';
import { optionsOf, parseOptions, record } from '../util/schema.js';
import { FRESH_KEYS, SecretSchema } from './secret.js';

/** The secrets of a host that rotates each by itself. `otp-keys` prints one. */
export interface KeyringOptions {
  /** The key id of the secret that seals new verifications. */
  readonly active: string;
  /**
   * Secrets by key id (1 to 32 of A-Z a-z 0-9 _ -), each at least 32 random bytes in base64url, base64 or hex. Those
   * that are not active still open the verifications that they have sealed.
   */
  readonly secrets: Readonly<Record<string, string>>;
  /** A secret of its own for the names of limits: a new one makes every limit start anew, so a rotation keeps it. */
  readonly limits: string;
}

/** The keyring in bytes. */
export interface Keyring {
  /** Seals new verifications. */
  readonly active: { readonly kid: string; readonly secret: Uint8Array };
  /** By key id: opens what was sealed. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** For the names of limits. */
  readonly limits: Uint8Array;
}

/** Checked before the values, at the object: a path would show a secret that stands in the place of its key id. */
function hasKeyIds(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).every((kid) => /^[A-Za-z0-9_-]{1,32}$/.test(kid))
  );
}

const KeyringSchema = optionsOf<KeyringOptions>()({
  active: v.string('must be one of the key ids in keyring.secrets'),
  secrets: v.pipe(
    v.custom<Readonly<Record<string, string>>>(
      hasKeyIds,
      'must be { [kid]: secret }, each key id 1 to 32 of A-Z a-z 0-9 _ -',
    ),
    record(v.string(), SecretSchema, 'must be { [kid]: secret }'),
  ),
  limits: SecretSchema,
});

/**
 * Checks and decodes a keyring.
 *
 * @throws TypeError that names the member and says what to write
 */
export function parseKeyring(options: KeyringOptions): Keyring {
  if (typeof options === 'string') {
    throw new TypeError('keyring must be an object; received a string: pass JSON.parse(value).');
  }
  const { active, limits, ...parsed } = parseOptions(KeyringSchema, options, 'keyring');
  const secrets = new Map(Object.entries(parsed.secrets));
  const secret = secrets.get(active);
  if (secret === undefined) {
    throw new TypeError('keyring.active must be one of the key ids in keyring.secrets.');
  }
  if ([...secrets.values()].some((each) => each.equals(limits))) {
    throw new TypeError(
      `keyring.limits must be a secret of its own, not one of keyring.secrets; ${FRESH_KEYS}.`,
    );
  }
  return { active: { kid: active, secret }, secrets, limits };
}
