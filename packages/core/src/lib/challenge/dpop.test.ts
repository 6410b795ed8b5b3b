import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createDpopKey, type Json, signDpopProof } from '@otp/testing';
import { encodeSegment } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { type DpopExpectation, type DpopFault, verifyDpopProof } from './dpop.js';

const NOW = Date.UTC(2030, 0, 1);
const SECONDS = NOW / 1000;
const HTU = 'https://api.example.com/v1/session/otp/check';
const JTI = 'jti-of-the-challenge';
const key = createDpopKey();
const other = createDpopKey();
const expected: DpopExpectation = { jkt: key.jkt, jti: JTI, htm: 'POST', htu: HTU, now: NOW };

const proof = (claims: Json = {}, header: Json = {}) =>
  signDpopProof(key, { htu: HTU, jti: JTI, now: NOW, claims, header });
const verify = (text: string, changes: Partial<DpopExpectation> = {}) =>
  verifyDpopProof([text], { ...expected, ...changes });
const OK = { ok: true };
const refused = (reason: DpopFault) => ({ ok: false, reason });

describe('verifyDpopProof', () => {
  it('accepts a proof by ES256', async () => {
    expect(await verify(proof())).toEqual(OK);
  });

  it.each([
    ['EdDSA', {}],
    ['Ed25519', {}],
    // As WebCrypto exports it.
    ['EdDSA', { alg: 'Ed25519', key_ops: ['verify'], ext: true }],
    ['Ed25519', { alg: 'EdDSA' }],
  ])('accepts a proof by %s with the members %j in its key [J14]', async (alg, members) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { crv, kty, x } = publicKey.export({ format: 'jwk' });
    const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
    const header = { typ: 'dpop+jwt', alg, jwk: { crv, kty, x, ...members } };
    const claims = { htm: 'POST', htu: HTU, jti: JTI, iat: SECONDS };
    const input = `${encodeSegment(header)}.${encodeSegment(claims)}`;
    const signature = sign(null, Buffer.from(input), privateKey).toString('base64url');
    expect(await verify(`${input}.${signature}`, { jkt })).toEqual(OK);
  });

  it('accepts a proof of 4 KiB and none that is longer', async () => {
    // Both segments grow, because the length of one in base64url leaves gaps.
    const sizes = Array.from({ length: 36 }, (_, index) => [index % 6, Math.floor(index / 6)]);
    const room = Math.floor(((4096 - proof().length) * 3) / 4) - 20;
    const proofs = sizes.map(([header = 0, claims = 0]) =>
      proof({ pad: 'x'.repeat(room + claims) }, { pad: 'x'.repeat(header) }),
    );
    const withLength = (size: number) => proofs.find(({ length }) => length === size) ?? '';
    expect(await verify(withLength(4096))).toEqual(OK);
    expect(withLength(4097)).not.toBe('');
    expect(await verify(withLength(4097))).toEqual(refused('dpop'));
  });

  it.each([
    ['missing', []],
    ['empty', ['']],
    ['there twice', [proof(), proof()]],
    ['there twice in one field', [`${proof()}, ${proof()}`]],
    ['no token', ['DPoP']],
    ['over 4 KiB', [proof({ pad: 'x'.repeat(4096) })]],
    ['cut', [proof().slice(0, -4)]],
  ])('refuses a proof that is %s [J11]', async (_, proofs) => {
    expect(await verifyDpopProof(proofs, expected)).toEqual(refused('dpop'));
  });

  it.each<[string, Json, DpopFault]>([
    ['htm', { htm: 'GET' }, 'dpop_url'],
    ['htm in lower case', { htm: 'post' }, 'dpop_url'],
    ['no htm', { htm: undefined }, 'dpop_url'],
    ['htu of another host', { htu: 'https://evil.example/v1/session/otp/check' }, 'dpop_url'],
    ['htu of another path', { htu: 'https://api.example.com/v1/session/otp' }, 'dpop_url'],
    ['htu of another path in case', { htu: HTU.toUpperCase() }, 'dpop_url'],
    ['htu of another scheme', { htu: HTU.replace('https', 'http') }, 'dpop_url'],
    ['htu of another port', { htu: HTU.replace('.com', '.com:8443') }, 'dpop_url'],
    ['htu of a path alone', { htu: '/v1/session/otp/check' }, 'dpop_url'],
    ['htu a list', { htu: [HTU] }, 'dpop_url'],
    ['no htu', { htu: undefined }, 'dpop_url'],
    ['jti', { jti: 'another-jti-altogether' }, 'dpop'],
    ['jti and clock: the first says more', { jti: 'another-jti', iat: 0 }, 'dpop'],
    ['no jti', { jti: undefined }, 'dpop'],
    ['61 s old', { iat: SECONDS - 61 }, 'dpop_clock'],
    ['75 s old', { iat: SECONDS - 75 }, 'dpop_clock'],
    ['61 s ahead', { iat: SECONDS + 61 }, 'dpop_clock'],
    ['75 s ahead', { iat: SECONDS + 75 }, 'dpop_clock'],
    ['no iat', { iat: undefined }, 'dpop_clock'],
    ['iat a text', { iat: String(SECONDS) }, 'dpop'],
    ['expired', { exp: SECONDS - 60 }, 'dpop_clock'],
    ['not yet valid', { nbf: SECONDS + 61 }, 'dpop_clock'],
  ])('refuses a wrong %s [J11, J14]', async (_, claims, reason) => {
    expect(await verify(proof(claims))).toEqual(refused(reason));
  });

  it.each([
    ['60 s old', { iat: SECONDS - 60 }],
    ['45 s old', { iat: SECONDS - 45 }],
    ['45 s ahead', { iat: SECONDS + 45, nbf: SECONDS + 45 }],
    ['60 s ahead', { iat: SECONDS + 60 }],
    ['with query and fragment in htu', { htu: `${HTU}?a=1#b` }],
    ['with the default port in htu', { htu: HTU.replace('.com', '.com:443') }],
    [
      'with the host of htu in upper case',
      { htu: HTU.replace('api.example.com', 'API.Example.COM') },
    ],
  ])('accepts one %s [J14]', async (_, claims) => {
    expect(await verify(proof(claims))).toEqual(OK);
  });

  it.each([0, 1])('refuses a member that segment %i has twice', async (index) => {
    const segments = proof().split('.');
    const json = Buffer.from(segments[index] ?? '', 'base64url').toString();
    segments[index] = encodeSegment(json.replace('{', '{"htm":"POST","typ":"dpop+jwt",'));
    const input = segments.slice(0, 2).join('.');
    const signer = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    const signature = sign('sha256', Buffer.from(input), signer).toString('base64url');
    expect(await verify(`${input}.${signature}`)).toEqual(refused('dpop'));
  });

  it('compares with the URL of the request without its query', async () => {
    expect(await verify(proof(), { htu: `${HTU}?next=1` })).toEqual(OK);
  });

  it('refuses every proof when the URL of the request is unknown [J11]', async () => {
    expect(await verify(proof(), { htu: undefined })).toEqual(refused('dpop_url'));
    expect(await verify(proof(), { htu: 'not a url' })).toEqual(refused('dpop_url'));
    expect(await verify(proof({ htu: 'not a url' }), { htu: 'not a url' })).toEqual(
      refused('dpop_url'),
    );
    expect(await verify(proof({ htu: undefined }), { htu: undefined })).toEqual(
      refused('dpop_url'),
    );
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaJwk = rsa.publicKey.export({ format: 'jwk' }) as Json;
  const byRsa = () => {
    const header = { typ: 'dpop+jwt', alg: 'RS256', jwk: rsaJwk };
    const claims = { htm: 'POST', htu: HTU, jti: JTI, iat: SECONDS };
    const input = `${encodeSegment(header)}.${encodeSegment(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')}`;
  };
  const rsaJkt = createHash('sha256')
    .update(JSON.stringify({ e: rsaJwk.e, kty: rsaJwk.kty, n: rsaJwk.n }))
    .digest('base64url');

  it('refuses RSA, also when the challenge is bound to that key [J11]', async () => {
    expect(await verify(byRsa(), { jkt: rsaJkt })).toEqual(refused('dpop'));
  });

  it('refuses a proof by another key [J11]', async () => {
    const text = signDpopProof(other, { htu: HTU, jti: JTI, now: NOW });
    expect(await verify(text)).toEqual(refused('dpop_key'));
    expect(await verify(proof(), { jkt: other.jkt })).toEqual(refused('dpop_key'));
  });

  it('refuses a key in the header that has not signed [J11]', async () => {
    expect(await verify(proof({}, { jwk: other.publicJwk }), { jkt: other.jkt })).toEqual(
      refused('dpop'),
    );
  });

  const { d } = key.privateKey.export({ format: 'jwk' });
  it.each([
    ['a private key', { jwk: { ...key.publicJwk, d } }],
    ['no key', { jwk: undefined }],
    ['a symmetric key', { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['a key that is a text', { jwk: 'key' }],
    ['another typ', { typ: 'JWT' }],
    ['no typ', { typ: undefined }],
    ['none', { alg: 'none' }],
    ['HS256', { alg: 'HS256' }],
    ['an unknown critical extension', { crit: ['x'], x: 1 }],
  ])('refuses %s in the header [J11]', async (_, header) => {
    expect(await verify(proof({}, header))).toEqual(refused('dpop'));
  });
});
