import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenSigner } from '../challenge/challenge-token.js';
import type { Jwk } from '../challenge/issuer-keys.js';
import type { SigningKey } from '../options.js';

export interface SigningKeys {
  readonly signer: TokenSigner;
  readonly verifiers: ReadonlyMap<string, KeyObject>;
  /** The body of `/jwks.json` (RFC 7517). */
  readonly jwks: string;
}

const HELP = 'Run `npx -p @otp/core otp-keys` for a fresh one.';

export function parseSigningKeys(keys: readonly SigningKey[]): SigningKeys {
  if (typeof keys === 'string') {
    throw new TypeError('signingKeys must be a list of JWKs and is a text: pass JSON.parse(text).');
  }
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new TypeError(`signingKeys must be a list of private Ed25519 JWKs. ${HELP}`);
  }
  const parsed = keys.map(parseSigningKey);
  const verifiers = new Map(parsed.map(({ kid, publicKey }) => [kid, publicKey]));
  if (verifiers.size < parsed.length) {
    throw new TypeError('signingKeys: two keys have one kid; each needs a kid of its own.');
  }
  const [first] = parsed;
  if (first === undefined) throw new TypeError('signingKeys is empty.');
  const jwks = { keys: parsed.map(({ jwk }) => jwk) };
  return {
    signer: { kid: first.kid, key: first.privateKey },
    verifiers,
    jwks: JSON.stringify(jwks),
  };
}

function parseSigningKey(key: SigningKey, index: number) {
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(`signingKeys[${index}] must be a private Ed25519 JWK, an object. ${HELP}`);
  }
  const { kty, crv, x, d, kid } = key;
  if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(kid)) {
    throw new TypeError(`signingKeys[${index}].kid must be 1 to 64 of A-Z a-z 0-9 _ -. ${HELP}`);
  }
  const privateKey = importPrivateKey({ kty, crv, x, d } as Jwk);
  if (privateKey === undefined || crv !== 'Ed25519') {
    throw new TypeError(`signingKeys[${index}] must be a private Ed25519 JWK. ${HELP}`);
  }
  const publicKey = createPublicKey(privateKey);
  if (publicKey.export({ format: 'jwk' }).x !== x) {
    throw new TypeError(`signingKeys[${index}].x is not the public key of its d. ${HELP}`);
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
