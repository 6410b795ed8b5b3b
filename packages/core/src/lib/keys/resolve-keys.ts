import * as v from 'valibot';
import { parseOptions } from '../util/schema.js';
import { deriveKey } from './derive.js';
import { type Keyring, type KeyringOptions, parseKeyring } from './keyring.js';
import { FRESH_KEYS, SecretSchema } from './secret.js';
import {
  parseSigningKeys,
  type SigningKey,
  type SigningKeys,
  type TokenSigner,
  toSigningKey,
} from './signing-keys.js';

/** The secrets of a service: either `secret`, or `keyring` with `signingKeys`. */
export interface KeysOptions {
  /**
   * At least 32 random bytes in base64url, base64 or hex (an even number of hex digits, at least 64, is read as hex),
   * from which all keys are derived. Of an array, the first one is active: it seals and signs, while the others still
   * open and verify. To rotate, append a new secret in every process, then move it to the front, and remove the old one
   * when its last token has expired, after a day at most. The names of limits follow the active secret: their counters
   * restart at a rotation, and during a rolling deployment both sets count. Required without `keyring` and
   * `signingKeys`. @default none
   */
  readonly secret?: string | readonly string[];
  /** Secrets that are rotated one by one; needs `signingKeys`. @default derived from `secret` */
  readonly keyring?: KeyringOptions;
  /**
   * Private Ed25519 JWKs; needs `keyring`. The first one signs; the public parts of all are in `/jwks.json`. To rotate,
   * append a new key in every process, then move it to the front. @default derived from `secret`
   */
  readonly signingKeys?: readonly SigningKey[];
}

export interface KeysConfig extends SigningKeys {
  readonly keyring: Keyring;
}

/**
 * The keys of a service.
 *
 * @throws TypeError that names the option and says what to write
 */
export function resolveKeys(options: KeysOptions): KeysConfig {
  const { secret, keyring, signingKeys } = options;
  if (secret !== undefined) {
    if (keyring !== undefined || signingKeys !== undefined) {
      throw new TypeError('Use either secret, or keyring with signingKeys; both were given.');
    }
    return deriveKeys(parseSecrets(secret));
  }
  if (keyring === undefined && signingKeys === undefined) {
    throw new TypeError(
      `secret must be at least 32 random bytes in base64url, base64 or hex; ${FRESH_KEYS}.`,
    );
  }
  if (keyring === undefined) throw missing('keyring', 'signingKeys');
  if (signingKeys === undefined) throw missing('signingKeys', 'keyring');
  return { ...parseSigningKeys(signingKeys), keyring: parseKeyring(keyring) };
}

/**
 * The signer of a process that only issues challenge tokens.
 *
 * @throws TypeError that names the option and says what to write
 */
export function resolveSigner({
  secret,
  signingKeys,
}: Pick<KeysOptions, 'secret' | 'signingKeys'>): TokenSigner {
  if ((secret === undefined) === (signingKeys === undefined)) {
    throw new TypeError(`Use either secret or signingKeys; ${FRESH_KEYS}.`);
  }
  const keys = secret === undefined ? signingKeys : [derive(parseSecrets(secret)[0]).signingKey];
  return parseSigningKeys(keys ?? []).signer;
}

function missing(option: string, other: string): TypeError {
  return new TypeError(
    `${other} needs ${option} beside it; secret alone stands for both. ${FRESH_KEYS}.`,
  );
}

type Secrets = readonly [active: Uint8Array, ...others: Uint8Array[]];

const SecretsSchema = v.pipe(
  v.array(SecretSchema),
  v.check(
    (secrets) => new Set(secrets.map((each) => each.toString('hex'))).size === secrets.length,
    'must have each secret once',
  ),
);

function parseSecrets(secret: string | readonly string[]): Secrets {
  const list = Array.isArray(secret) ? secret : undefined;
  if (list === undefined) return [parseOptions(SecretSchema, secret, 'secret')];
  const [active, ...others] = parseOptions(SecretsSchema, list, 'secret');
  if (active === undefined) throw new TypeError('secret must have at least one secret.');
  return [active, ...others];
}

function deriveKeys([first, ...others]: Secrets): KeysConfig {
  const active = derive(first);
  const all = [active, ...others.map(derive)];
  return {
    ...parseSigningKeys(all.map(({ signingKey }) => signingKey)),
    keyring: {
      active: { kid: active.kid, secret: active.seal },
      secrets: new Map(all.map(({ kid, seal }) => [kid, seal])),
      limits: active.limits,
    },
  };
}

function derive(secret: Uint8Array) {
  const signingKey = toSigningKey(deriveKey(secret, ['otp/secret/sign/v1']));
  return {
    kid: signingKey.kid,
    signingKey,
    seal: deriveKey(secret, ['otp/secret/seal/v1']),
    limits: deriveKey(secret, ['otp/secret/limits/v1']),
  };
}
