import { generateKeyPairSync, sign } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { verifyDpopProof } from './dpop.js';
import { encodeSegment, type Json } from './testing/test-tokens.js';

const NOW = Date.UTC(2030, 0, 1);
const SECONDS = NOW / 1000;
const HTU = 'https://api.example.com/v1/session/otp/check';
const CLAIMS = { htm: 'POST', htu: HTU, jti: 'jti-of-the-challenge', iat: SECONDS };

const PAIRS = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: generateKeyPairSync('ed25519'),
  Ed448: generateKeyPairSync('ed448'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
type PairName = keyof typeof PAIRS;
const PAIR_NAMES = Object.keys(PAIRS) as PairName[];

const jwkOf = (name: PairName) => PAIRS[name].publicKey.export({ format: 'jwk' }) as Json;

interface Made {
  readonly by: PairName;
  readonly header?: Json;
  readonly claims?: Json;
  readonly dsaEncoding?: 'der' | 'ieee-p1363';
}

function makeProof({ by, header, claims, dsaEncoding = 'ieee-p1363' }: Made): string {
  const input = [
    { typ: 'dpop+jwt', alg: by, jwk: jwkOf(by), ...header },
    { ...CLAIMS, ...claims },
  ]
    .map(encodeSegment)
    .join('.');
  const digest = by.startsWith('Ed') ? null : 'sha256';
  const key = { key: PAIRS[by].privateKey, dsaEncoding };
  return `${input}.${sign(digest, Buffer.from(input), key).toString('base64url')}`;
}

/** What RFC 9449 leaves to a JWT library, by one. */
async function isGoodForJose(proof: string, jkt: string): Promise<boolean> {
  try {
    const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256', 'EdDSA'],
      typ: 'dpop+jwt',
      currentDate: new Date(NOW),
    });
    return (await calculateJwkThumbprint(protectedHeader.jwk ?? {})) === jkt;
  } catch {
    return false;
  }
}

const { d: ownD } = PAIRS.ES256.privateKey.export({ format: 'jwk' });
const HEADERS: Json[] = [
  {},
  { typ: 'application/dpop+jwt' },
  { typ: 'DPoP+JWT' },
  { typ: 'dpop+jwt; a=b' },
  { typ: ['dpop+jwt'] },
  { alg: ['ES256'] },
  { alg: 'Ed25519' },
  { crit: [] },
  { crit: ['typ'] },
  { jwk: [] },
  { jwk: null },
  { jwk: { ...jwkOf('ES256'), d: ownD } },
  ...PAIR_NAMES.map((name) => ({ alg: name })),
  ...PAIR_NAMES.map((name) => ({ jwk: jwkOf(name) })),
  ...['ES256', 'EdDSA'].flatMap((name) =>
    [
      { kty: 'OKP' },
      { kty: 'EC' },
      { kty: 'RSA' },
      { crv: 'P-256' },
      { crv: 'Ed25519' },
      { crv: 'P-384' },
      { use: 'sig' },
      { use: 'enc' },
      { alg: 'ES256' },
      { alg: 'EdDSA' },
      { x: 'AAAA' },
      { x: '' },
      { x: 1 },
      { y: undefined },
      { y: 'AAAA' },
    ].map((change) => ({ jwk: { ...jwkOf(name as PairName), ...change } })),
  ),
];
const CLAIM_CHANGES: Json[] = [
  { exp: SECONDS + 1 },
  { exp: SECONDS },
  { exp: String(SECONDS + 1) },
  { exp: null },
  { nbf: SECONDS },
  { nbf: SECONDS + 1 },
  { nbf: '0' },
  { iat: null },
  { iat: '0' },
];

const MADE: Made[] = PAIR_NAMES.flatMap((by) => [
  ...HEADERS.map((header) => ({ by, header })),
  ...CLAIM_CHANGES.map((claims) => ({ by, claims })),
  { by, dsaEncoding: 'der' as const },
]);

describe('verifyDpopProof beside jose', () => {
  it('J11 takes no proof that a JWT library refuses, and refuses none that it takes', async () => {
    const jkts = await Promise.all(PAIR_NAMES.map((name) => calculateJwkThumbprint(jwkOf(name))));
    const taken = new Set<string>();
    for (const made of MADE) {
      const proof = makeProof(made);
      for (const jkt of jkts) {
        const expected = { jkt, jti: CLAIMS.jti, htm: 'POST', htu: HTU, now: NOW };
        const isTaken = await verifyDpopProof([proof], expected);
        expect(isTaken, JSON.stringify(made)).toBe(await isGoodForJose(proof, jkt));
        if (isTaken) taken.add(JSON.stringify(made));
      }
    }
    expect(taken.size).toBeGreaterThan(10);
    expect(taken.size).toBeLessThan(MADE.length / 4);
  });
});
