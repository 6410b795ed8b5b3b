import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type Jwk, thumbprint } from './jwk.js';
import { FRESH_KEYS, looksRandom, RANDOM_RULE } from './secret.js';

/** A private Ed25519 JWK (RFC 8037) with a `kid`, as `otp-keys` prints it. */
export type SigningKey = Jwk;

/** Signs tokens under a key id. */
export interface TokenSigner {
  readonly kid: string;
  readonly key: KeyObject;
}

/** RFC 8410, 7: the DER bytes before the 32 bytes of a private key. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The signing key of a seed of 32 bytes (RFC 8032, 5.1.5). Its `kid` is the RFC 7638 thumbprint. */
export function toSigningKey(seed: Uint8Array): SigningKey & { readonly kid: string } {
  const key = Buffer.concat([PKCS8_ED25519, seed]);
  const { kty, crv, x, d } = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  }) as Jwk;
  const jwk = { kty, crv, x, d } as Jwk;
  return { ...jwk, kid: thumbprint(jwk) };
}

/** Signing keys as key objects. */
export interface SigningKeys {
  /** The first key. */
  readonly signer: TokenSigner;
  /** The public parts of all keys, by key id. */
  readonly verifiers: ReadonlyMap<string, KeyObject>;
  /** The body of `/jwks.json` (RFC 7517). */
  readonly jwks: string;
}

/**
 * Checks and imports signing keys.
 *
 * @throws TypeError that names the key by its index and says what to write
 */
export function parseSigningKeys(keys: readonly SigningKey[]): SigningKeys {
  if (typeof keys === 'string') {
    throw new TypeError(
      'signingKeys must be an array of JWKs; received a string: pass JSON.parse(value).',
    );
  }
  const parsed = Array.isArray(keys) ? keys.map(parseSigningKey) : [];
  const [first] = parsed;
  if (first === undefined) {
    throw new TypeError(`signingKeys must be an array of private Ed25519 JWKs; ${FRESH_KEYS}.`);
  }
  const verifiers = new Map(parsed.map(({ kid, publicKey }) => [kid, publicKey]));
  if (verifiers.size < parsed.length) {
    throw new TypeError('signingKeys must have a different kid for each key.');
  }
  const jwks = { keys: parsed.map(({ jwk }) => jwk) };
  return {
    signer: { kid: first.kid, key: first.privateKey },
    verifiers,
    jwks: JSON.stringify(jwks),
  };
}

function parseSigningKey(key: SigningKey, index: number) {
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(
      `signingKeys[${index}] must be a private Ed25519 JWK, an object; ${FRESH_KEYS}.`,
    );
  }
  const { kty, crv, x, d, kid } = key;
  if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(kid)) {
    throw new TypeError(
      `signingKeys[${index}].kid must be 1 to 64 of A-Z a-z 0-9 _ -; ${FRESH_KEYS}.`,
    );
  }
  const privateKey = importPrivateKey({ kty, crv, x, d } as Jwk);
  if (privateKey === undefined || crv !== 'Ed25519') {
    throw new TypeError(`signingKeys[${index}] must be a private Ed25519 JWK; ${FRESH_KEYS}.`);
  }
  if (!looksRandom(Buffer.from(String(d), 'base64url'))) {
    throw new TypeError(`signingKeys[${index}].d ${RANDOM_RULE}.`);
  }
  const publicKey = createPublicKey(privateKey);
  if (publicKey.export({ format: 'jwk' }).x !== x) {
    throw new TypeError(`signingKeys[${index}].x must be the public key of its d; ${FRESH_KEYS}.`);
  }
  const jwk = { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' };
  return { kid, privateKey, publicKey, jwk };
}

function importPrivateKey(jwk: Jwk): KeyObject | undefined {
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
