import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { parseSigningKeys, type SigningKey, toSigningKey } from './signing-keys.js';

const [key] = generateKeys().signingKeys;
const [other] = generateKeys().signingKeys;

describe('parseSigningKeys', () => {
  it('signs with the first and verifies with all', () => {
    const { signer, verifiers } = parseSigningKeys([key, other]);
    expect(signer.kid).toBe(key.kid);
    expect([...verifiers.keys()]).toEqual([key.kid, other.kid]);
    const data = Buffer.from('data');
    const verifier = verifiers.get(signer.kid);
    expect(verifier && verify(null, data, verifier, sign(null, data, signer.key))).toBe(true);
  });

  it('publishes the public parts alone', () => {
    const { jwks } = parseSigningKeys([key, other]);
    expect(JSON.parse(jwks)).toEqual({
      keys: [key, other].map(({ kid, x }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        x,
        kid,
        alg: 'EdDSA',
        use: 'sig',
      })),
    });
    expect(jwks).not.toContain(key.d);
  });

  const x448 = generateKeyPairSync('ed448').privateKey.export({ format: 'jwk' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  });
  it.each<[string, unknown, RegExp]>([
    [
      'a string',
      '[]',
      /^signingKeys must be an array of JWKs; received a string: pass JSON.parse\(value\)\.$/,
    ],
    ['nothing', undefined, /^signingKeys must be an array/],
    ['an object', key, /^signingKeys must be an array/],
    ['an empty array', [], /^signingKeys must be an array/],
    ['null in the array', [null], /^signingKeys\[0\]/],
    ['a string in the array', ['-----BEGIN'], /^signingKeys\[0\] must be .* JWK, an object/],
    ['no kid', [{ ...key, kid: undefined }], /^signingKeys\[0\]\.kid must be/],
    ['a bad kid', [key, { ...other, kid: 'a b' }], /^signingKeys\[1\]\.kid must be/],
    ['a kid of 65 characters', [{ ...key, kid: 'k'.repeat(65) }], /^signingKeys\[0\]\.kid must be/],
    [
      'the same kid twice',
      [key, { ...other, kid: key.kid }],
      /must have a different kid for each key/,
    ],
    ['a public key', [{ ...key, d: undefined }], /^signingKeys\[0\] must be a private Ed25519 JWK/],
    [
      'a d of one repeated byte',
      [key, toSigningKey(Buffer.alloc(32, 7))],
      /^signingKeys\[1\]\.d must be random: it has fewer than 16 different bytes/,
    ],
    ['a short d', [{ ...key, d: 'AAAA' }], /^signingKeys\[0\] must be a private Ed25519 JWK/],
    ['an Ed448 key', [{ ...x448, kid: 'k' }], /^signingKeys\[0\] must be a private Ed25519 JWK/],
    ['an EC key', [{ ...ec, kid: 'k' }], /^signingKeys\[0\] must be a private Ed25519 JWK/],
    [
      'an x of another key',
      [{ ...key, x: other.x }],
      /^signingKeys\[0\]\.x must be the public key of its d/,
    ],
    ['no x', [{ ...key, x: undefined }], /^signingKeys\[0\]/],
  ])('refuses %s', (_, keys, message) => {
    const parse = () => parseSigningKeys(keys as SigningKey[]);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(message);
  });

  it('never repeats a private key in a message', () => {
    let said = '';
    try {
      parseSigningKeys([{ ...key, x: other.x ?? '' }]);
    } catch (error) {
      said = String(error);
    }
    expect(said).toMatch(/TypeError/);
    expect(said).not.toContain(key.d);
  });
});
