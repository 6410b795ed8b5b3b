import { createPublicKey, hkdfSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { type KeysOptions, resolveKeys, resolveSigner } from './resolve-keys.js';

const bytes = (first: number) => Buffer.from(Array.from({ length: 32 }, (_, i) => first + i));
const ONE = bytes(1).toString('base64url');
const TWO = bytes(2).toString('base64url');
const kidOf = (secret: string) => resolveKeys({ secret }).signer.kid;
const jwksOf = (options: KeysOptions) => JSON.parse(resolveKeys(options).jwks).keys;

describe('resolveKeys with secret', () => {
  it('derives each key by HKDF-SHA-256 under a purpose of its own', () => {
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync('sha256', bytes(1), '', `${purpose.length}:${purpose}`, 32));
    const { keyring, signer, verifiers } = resolveKeys({ secret: ONE });
    expect(keyring.active.secret).toEqual(derive('otp/secret/seal/v1'));
    expect(keyring.limits).toEqual(derive('otp/secret/limits/v1'));
    expect(signer.key.export({ format: 'jwk' }).d).toBe(
      derive('otp/secret/sign/v1').toString('base64url'),
    );
    const publicKey = createPublicKey(signer.key);
    expect(verifiers.get(signer.kid)?.equals(publicKey)).toBe(true);
  });

  it('names its keys by the RFC 7638 thumbprint of the public key', async () => {
    const { keyring, signer } = resolveKeys({ secret: ONE });
    const { crv, kty, x } = createPublicKey(signer.key).export({ format: 'jwk' });
    expect(signer.kid).toBe(await calculateJwkThumbprint({ crv, kty, x } as { kty: string }));
    expect(keyring.active.kid).toBe(signer.kid);
    expect(jwksOf({ secret: ONE })).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x, kid: signer.kid, alg: 'EdDSA', use: 'sig' },
    ]);
  });

  it('has the same keys for the same bytes in another encoding', () => {
    expect(kidOf(bytes(1).toString('hex'))).toBe(kidOf(ONE));
    expect(kidOf(bytes(1).toString('base64'))).toBe(kidOf(ONE));
    expect(kidOf(TWO)).not.toBe(kidOf(ONE));
  });

  it('signs, seals and names limits with the first of several, and opens and verifies with all [S08]', () => {
    const { keyring, signer, verifiers } = resolveKeys({ secret: [TWO, ONE] });
    const two = resolveKeys({ secret: TWO });
    const one = resolveKeys({ secret: ONE });
    expect(signer.kid).toBe(two.signer.kid);
    expect(keyring.active).toEqual(two.keyring.active);
    expect(keyring.limits).toEqual(two.keyring.limits);
    expect([...verifiers.keys()]).toEqual([two.signer.kid, one.signer.kid]);
    expect(keyring.secrets).toEqual(new Map([...two.keyring.secrets, ...one.keyring.secrets]));
    expect(jwksOf({ secret: [TWO, ONE] })).toEqual([
      ...jwksOf({ secret: TWO }),
      ...jwksOf({ secret: ONE }),
    ]);
  });

  it('shows nothing private in the key set', () => {
    const { jwks, signer } = resolveKeys({ secret: [ONE, TWO] });
    expect(jwks).not.toContain(String(signer.key.export({ format: 'jwk' }).d));
  });
});

describe('resolveKeys with keyring and signingKeys', () => {
  it('uses them as they are', () => {
    const { keyring, signingKeys } = generateKeys();
    const keys = resolveKeys({ keyring, signingKeys });
    expect(keys.keyring.active.kid).toBe(keyring.active);
    expect(keys.signer.kid).toBe(signingKeys[0].kid);
  });
});

const { keyring, signingKeys } = generateKeys();
const RULE = 'must be at least 32 random bytes in base64url, base64 or hex; `npx';

it.each<[string, object, string]>([
  ['nothing', {}, `secret ${RULE}`],
  ['a short secret', { secret: 'c2hvcnQ' }, `secret ${RULE}`],
  ['null', { secret: null }, `secret ${RULE}`],
  ['a secret of one byte', { secret: 'k'.repeat(43) }, 'secret must be random: it has fewer'],
  ['an empty array', { secret: [] }, 'secret must have at least one secret.'],
  ['a bad secret in an array', { secret: [ONE, 'x'] }, `secret[1] ${RULE}`],
  [
    'a secret twice',
    { secret: [ONE, bytes(1).toString('hex')] },
    'secret must have each secret once.',
  ],
  [
    'secret with keyring',
    { secret: ONE, keyring },
    'Use either secret, or keyring with signingKeys',
  ],
  ['secret with signingKeys', { secret: ONE, signingKeys }, 'Use either secret, or keyring with'],
  [
    'keyring alone',
    { keyring },
    'keyring needs signingKeys beside it; secret alone stands for both.',
  ],
  ['signingKeys alone', { signingKeys }, 'signingKeys needs keyring beside it; secret alone'],
])('resolveKeys refuses %s', (_, options, message) => {
  const resolve = () => resolveKeys(options as KeysOptions);
  expect(resolve).toThrow(TypeError);
  expect(resolve).toThrow(message);
});

describe('resolveSigner', () => {
  it('is the signer of a service with the same options', () => {
    expect(resolveSigner({ secret: [ONE, TWO] }).kid).toBe(kidOf(ONE));
    expect(resolveSigner({ signingKeys }).kid).toBe(signingKeys[0].kid);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['secret with signingKeys', { secret: ONE, signingKeys }],
  ])('refuses %s', (_, options) => {
    expect(() => resolveSigner(options)).toThrow(/^Use either secret or signingKeys;/);
  });
});
