import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Json } from '@otp/testing';
import {
  challengeClaims,
  createTestIssuer,
  encodeSegment,
  signCompact,
} from '@otp/testing/internal';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { JwkSet } from '../keys/jwk.js';
import { secondsToRemember, signChallengeToken, verifyChallengeToken } from './challenge-token.js';
import { type ChallengeClaims, parseClaims } from './claims.js';
import { trustIssuer } from './issuer-keys.js';

const NOW = Date.UTC(2030, 0, 1);
const SECONDS = NOW / 1000;
const ISSUER = 'https://issuer.example';
const own = createTestIssuer(ISSUER, 'key-1');
const stranger = createTestIssuer(ISSUER, 'key-1');
const HEADER: Json = { alg: 'EdDSA', typ: 'JWT', kid: 'key-1' };
const INVALID = 'invalid_challenge_token';
const EXPIRED = 'expired_challenge_token';
const MISMATCH = 'token_mismatch';

const trusted = (...jwks: JwkSet['keys']) => trustIssuer({ issuer: ISSUER, jwks: { keys: jwks } });
const issuers = [trusted(own.jwk)];
const claims = (changes: Json = {}) => ({ ...challengeClaims(ISSUER, NOW), ...changes });
const token = (changes: Json = {}, header: Json = {}) =>
  signCompact({ ...HEADER, ...header }, claims(changes), own.privateKey);

async function codeOf(text: unknown, now = NOW): Promise<string> {
  const verified = await verifyChallengeToken(text, { issuers, audience: 'app', now });
  return verified.ok ? 'ok' : verified.code;
}

describe('verifyChallengeToken', () => {
  it('returns the claims of a good token, without those that it does not know', async () => {
    const expected = claims({ nbf: SECONDS });
    const text = signCompact(HEADER, { ...expected, role: 'admin' }, own.privateKey);
    const verified = await verifyChallengeToken(text, { issuers, audience: 'app', now: NOW });
    expect(verified).toEqual({ ok: true, claims: expected });
  });

  it.each([
    ['without typ', { typ: undefined }],
    ['without kid, when there is one key', { kid: undefined }],
    ['with a header that we do not know', { foo: 1 }],
  ])('accepts one %s', async (_, header) => {
    expect(await codeOf(token({}, header))).toBe('ok');
  });

  it('accepts alg Ed25519 of RFC 9864 like EdDSA [J14]', async () => {
    expect(await codeOf(token({}, { alg: 'Ed25519' }))).toBe('ok');
  });

  it('accepts a list of audiences with ours in it, and refuses one without', async () => {
    expect(await codeOf(token({ aud: ['other', 'app'] }))).toBe('ok');
    expect(await codeOf(token({ aud: ['other'] }))).toBe(MISMATCH);
    expect(await codeOf(token({ aud: [] }))).toBe(MISMATCH);
  });

  const publicPem = createPublicKey(own.privateKey).export({ type: 'spki', format: 'pem' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ed448 = generateKeyPairSync('ed448').privateKey;
  const input = (alg: string) => `${encodeSegment({ ...HEADER, alg })}.${encodeSegment(claims())}`;
  const hmac = (alg: string, key: string | Buffer) =>
    `${input(alg)}.${createHmac('sha256', key).update(input(alg)).digest('base64url')}`;
  const signed = (alg: string, key: KeyObject, digestName: string | null) =>
    `${input(alg)}.${sign(digestName, Buffer.from(input(alg)), key).toString('base64url')}`;
  it.each([
    ['none, unsigned', `${input('none')}.`],
    ['none, with a signature', signed('none', own.privateKey, null)],
    ['nOnE', signed('nOnE', own.privateKey, null)],
    ['HS256 keyed with the public key as PEM', hmac('HS256', String(publicPem))],
    [
      'HS256 keyed with the public key as bytes',
      hmac('HS256', Buffer.from(own.jwk.x ?? '', 'base64url')),
    ],
    ['HS256 keyed with nothing', hmac('HS256', '')],
    ['RS256', signed('RS256', rsa, 'sha256')],
    ['ES256', signed('ES256', p256, 'sha256')],
    ['EdDSA by Ed448', signed('EdDSA', ed448, null)],
    ['Ed25519 by Ed448', signed('Ed25519', ed448, null)],
    ['ed25519 in lower case', signed('ed25519', own.privateKey, null)],
    ['eddsa in lower case', signed('eddsa', own.privateKey, null)],
    ['no algorithm', token({}, { alg: undefined })],
    ['an array of algorithms', token({}, { alg: ['EdDSA'] })],
    ['EdDSA by a stranger', signCompact(HEADER, claims(), stranger.privateKey)],
  ])('is invalid by %s (CVE-2026-22817) [J01]', async (_, text) => {
    expect(await codeOf(text)).toBe(INVALID);
  });

  it.each([
    ['jwk', { jwk: own.jwk }],
    ['jku', { jku: 'https://evil.example/jwks.json' }],
    ['x5u', { x5u: 'https://evil.example/cert.pem' }],
    ['x5c', { x5c: ['MIIB'] }],
    ['crit', { crit: ['exp'] }],
    ['b64', { b64: false, crit: ['b64'] }],
    ['an empty jwk', { jwk: null }],
    ['an empty crit', { crit: [] }],
    ['another typ', { typ: 'at+jwt' }],
    ['typ jwt', { typ: 'jwt' }],
    ['typ null', { typ: null }],
    ['a kid that is not a string', { kid: 1 }],
    ['an unknown kid', { kid: 'key-2' }],
    ['the kid of a prototype', { kid: '__proto__' }],
  ])('is invalid with %s in the header [J02]', async (_, header) => {
    expect(await codeOf(token({}, header))).toBe(INVALID);
  });

  it('fetches nothing, whatever the header says [J02]', async () => {
    const asked: unknown[] = [];
    const fetch = async (url: unknown) => {
      asked.push(url);
      return new Response('{"keys":[]}');
    };
    const remote = trustIssuer(
      { issuer: ISSUER, jwksUrl: 'https://issuer.example/jwks' },
      { fetch },
    );
    for (const header of [
      { jku: 'https://e.example' },
      { x5u: 'https://e.example' },
      { jwk: own.jwk },
      { kid: 7 },
    ]) {
      const text = token({}, header);
      await verifyChallengeToken(text, { issuers: [remote], audience: 'app', now: NOW });
    }
    expect(asked).toEqual([]);
  });

  const [head = '', payload = '', signature = ''] = token().split('.');
  const raw = (segment: Uint8Array | string) => encodeSegment(segment);
  const again = (header: unknown, body: unknown) => signCompact(header, body, own.privateKey);
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['an object', {}],
    ['an array', [token()]],
    ['an empty string', ''],
    ['dots', '..'],
    ['one segment', head],
    ['two segments', `${head}.${payload}`],
    ['four segments', `${head}.${payload}.${signature}.${signature}`],
    ['five segments, like a JWE', `${head}.${payload}.${signature}.${signature}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${head}..${signature}`],
    ['an empty signature', `${head}.${payload}.`],
    ['a header that is an array', again([], claims())],
    ['a header that is null', again(null, claims())],
    ['a header that is a string', again('"EdDSA"', claims())],
    ['a header that is not JSON', again('{', claims())],
    ['a header in invalid UTF-8', again(Uint8Array.from([0x7b, 0x80, 0x7d]), claims())],
    ['a payload that is an array', again(HEADER, [])],
    ['a payload that is null', again(HEADER, null)],
    ['a payload that is a number', again(HEADER, 1)],
    ['a payload that is not JSON', again(HEADER, 'x')],
    [
      'a header with alg twice',
      again(`{"alg":"none",${JSON.stringify(HEADER).slice(1)}`, claims()),
    ],
    [
      'a payload with sub twice',
      again(HEADER, `{"sub":"user-2",${JSON.stringify(claims()).slice(1)}`),
    ],
    [
      'a payload with sub twice, once with an escape',
      again(HEADER, `{"s\\u0075b":"user-2",${JSON.stringify(claims()).slice(1)}`),
    ],
    [
      'a payload with a member of metadata twice',
      again(
        HEADER,
        JSON.stringify(claims({ metadata: 0 })).replace('"metadata":0', '"metadata":{"a":1,"a":1}'),
      ),
    ],
    ['a payload in invalid UTF-8', again(HEADER, Uint8Array.from([0xff, 0xfe]))],
    ['a payload after a byte order mark', again(HEADER, `\ufeff${JSON.stringify(claims())}`)],
    ['characters outside base64url', `${head}.${payload}.${signature.slice(0, -2)}+/`],
    ['padding', `${head}.${payload}.${signature}==`],
    ['spaces', ` ${token()}`],
    ['a line break', `${token()}\n`],
    ['an inner line break', `${head}.\n${payload}.${signature}`],
    ['a NUL', `${token()}\0`],
    ['a short signature', `${head}.${payload}.${raw(Buffer.alloc(63))}`],
    ['a long signature', `${head}.${payload}.${raw(Buffer.alloc(65))}`],
    ['a signature of zeros', `${head}.${payload}.${raw(Buffer.alloc(64))}`],
    ['a Bearer prefix', `Bearer ${token()}`],
  ])('is invalid and throws nothing: %s (GHSA-xmf8-cvqr-rfgj) [J04]', async (_, text) => {
    expect(await codeOf(text)).toBe(INVALID);
  });

  it('is invalid with a segment behind the signature, even if the issuer has signed the dot [J04]', async () => {
    const signed = sign(null, Buffer.from(`${head}.${payload}.`), own.privateKey);
    expect(await codeOf(`${head}.${payload}.${raw(signed)}.`)).toBe(INVALID);
  });

  it('accepts colons, quotes and brackets in values, and the same member in two objects [J04]', async () => {
    const metadata = { a: '":{"a":1,"a":[', b: { a: 1 }, c: [{ a: 1 }, { a: 1 }] };
    expect(await codeOf(token({ metadata, sub: 'user:1' }))).toBe('ok');
  });

  it('answers a token of 2,500 levels, one of which has a member twice [J04]', async () => {
    const nested = (inner: string) => {
      const json = JSON.stringify(claims({ metadata: 0 }));
      const deep = `${'['.repeat(2_500)}${inner}${']'.repeat(2_500)}`;
      const text = signCompact(
        HEADER,
        json.replace('"metadata":0', `"metadata":${deep}`),
        own.privateKey,
      );
      const longer = [{ ...trusted(own.jwk), maxTokenLength: 8192 }];
      return verifyChallengeToken(text, { issuers: longer, audience: 'app', now: NOW });
    };
    expect(await nested('{"a":1}')).toMatchObject({ ok: true });
    expect(await nested('{"a":1,"a":1}')).toMatchObject({ ok: false, code: INVALID });
  });

  it('accepts 4 KiB and refuses one character more [J04]', async () => {
    const fill = (length: number) => token({ metadata: 'x'.repeat(length) });
    const empty = fill(0).length;
    const room = Math.floor(((4096 - empty) * 3) / 4);
    const lengths = [room - 2, room - 1, room, room + 1, room + 2, room + 3].map((length) =>
      fill(length),
    );
    const codes = await Promise.all(lengths.map((text) => codeOf(text)));
    for (const [index, text] of lengths.entries()) {
      expect(codes[index], `${text.length} characters`).toBe(text.length <= 4096 ? 'ok' : INVALID);
    }
    expect(codes).toContain('ok');
    expect(codes).toContain(INVALID);
    expect(await codeOf('.'.repeat(1_000_000))).toBe(INVALID);
  });

  it('accepts only the canonical encoding of a signature', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = [...alphabet].map((last) => `${signature.slice(0, -1)}${last}`);
    const bytes = Buffer.from(signature, 'base64url');
    const same = spellings.filter((text) => Buffer.from(text, 'base64url').equals(bytes));
    expect(same).toHaveLength(4 * 4);
    const codes = await Promise.all(spellings.map((text) => codeOf(`${head}.${payload}.${text}`)));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  });

  it('refuses a signature with any one bit flipped', async () => {
    const bytes = Buffer.from(signature, 'base64url');
    for (let bit = 0; bit < 512; bit += 7) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await codeOf(`${head}.${payload}.${raw(changed)}`), `bit ${bit}`).toBe(INVALID);
    }
  });

  it('refuses a badly signed token as invalid, not as expired or of another app [J05]', async () => {
    const past = { iat: SECONDS - 1000, exp: SECONDS - 500 };
    const expired = signCompact(HEADER, claims(past), stranger.privateKey);
    expect(await codeOf(expired)).toBe(INVALID);
    const other = signCompact(HEADER, claims({ aud: 'other' }), stranger.privateKey);
    expect(await codeOf(other)).toBe(INVALID);
  });

  it.each([
    ['exp', 1, 'ok'],
    ['exp', 0, 'ok'],
    ['exp', -29, 'ok'],
    ['exp', -30, EXPIRED],
    ['exp', -31, EXPIRED],
    ['exp', -3600, EXPIRED],
    ['iat', 29, 'ok'],
    ['iat', 31, INVALID],
    ['iat', 1e9, INVALID],
    ['nbf', 29, 'ok'],
    ['nbf', 31, INVALID],
    ['nbf', -100, 'ok'],
  ])('%s %i s from now is %s [J05, J06]', async (claim, offset, code) => {
    const times = { iat: SECONDS - 7_200, exp: SECONDS + 600, [claim]: SECONDS + offset };
    expect(await codeOf(token(times))).toBe(code);
  });

  it('refuses an expired token of another app as expired', async () => {
    const times = { iat: SECONDS - 1000, exp: SECONDS - 500 };
    expect(await codeOf(token({ ...times, aud: 'other' }))).toBe(EXPIRED);
  });

  it.each([
    ['exp missing', { exp: undefined }],
    ['exp a string', { exp: String(SECONDS + 600) }],
    ['exp null', { exp: null }],
    ['exp 1e308', { exp: 1e308 }],
    ['exp over 24 h after iat', { iat: SECONDS, exp: SECONDS + 86_401 }],
    ['iat missing', { iat: undefined }],
    ['iat a string', { iat: 'now' }],
    ['iat -1e308', { iat: -1e308 }],
    ['nbf a string', { nbf: '0' }],
    ['iss missing', { iss: undefined }],
    ['an unknown iss', { iss: 'https://evil.example' }],
    ['iss with a slash more', { iss: `${ISSUER}/` }],
    ['iss an array', { iss: [ISSUER] }],
    ['iss empty', { iss: '' }],
    ['aud missing', { aud: undefined }],
    ['aud a number', { aud: 1 }],
    ['sub a number', { sub: 1 }],
    ['sub empty', { sub: '' }],
    ['sid a number', { sid: 1 }],
    ['jti missing', { jti: undefined }],
    ['jti of 15 characters', { jti: 'j'.repeat(15) }],
    ['jti of 129 characters', { jti: 'j'.repeat(129) }],
    ['jti a number', { jti: 1234567890123456 }],
    ['challenge_id missing', { challenge_id: undefined }],
    ['current_step missing', { current_step: undefined }],
    ['current_step a number', { current_step: 1 }],
    ['steps an object', { steps: {} }],
    ['a step without key', { steps: [{ order: 1, done: false }] }],
    ['a step whose done is a string', { steps: [{ order: 1, key: 'verify_sms', done: 'false' }] }],
    ['identifier a string', { identifier: '+33612345678' }],
    ['identifier of another type', { identifier: { type: 'user', value: 'x' } }],
    ['an unknown cnf', { cnf: { jwk: {} } }],
    ['cnf.jkt too short', { cnf: { jkt: 'x' } }],
    ['cnf null', { cnf: null }],
  ])('is invalid with %s [J06, J07]', async (_, changes) => {
    expect(await codeOf(token(changes))).toBe(INVALID);
  });

  it('accepts a life of exactly 24 h [J06]', async () => {
    expect(await codeOf(token({ iat: SECONDS, exp: SECONDS + 86_400 }))).toBe('ok');
  });

  it.each([16, 128])('accepts a jti of %i characters', async (length) => {
    expect(await codeOf(token({ jti: 'j'.repeat(length) }))).toBe('ok');
  });

  it('verifies with the key of the issuer that the token names and no other', async () => {
    const second = createTestIssuer('https://second.example', 'key-1');
    const both = [...issuers, trustIssuer({ issuer: second.issuer, jwks: { keys: [second.jwk] } })];
    const verify = (text: string) =>
      verifyChallengeToken(text, { issuers: both, audience: 'app', now: NOW });
    const bySecond = { ...claims(), iss: second.issuer };
    expect(await verify(signCompact(HEADER, bySecond, second.privateKey))).toMatchObject({
      ok: true,
    });
    expect(await verify(signCompact(HEADER, bySecond, own.privateKey))).toMatchObject({
      ok: false,
    });
    expect(await verify(signCompact(HEADER, claims(), second.privateKey))).toMatchObject({
      ok: false,
    });
  });

  it('accepts both keys while both are listed, and the new one alone afterwards [J10]', async () => {
    const next = createTestIssuer(ISSUER, 'key-2');
    const byOld = token();
    const byNew = signCompact({ ...HEADER, kid: 'key-2' }, claims(), next.privateKey);
    const verify = async (text: string, ...keys: JwkSet['keys']) =>
      (await verifyChallengeToken(text, { issuers: [trusted(...keys)], audience: 'app', now: NOW }))
        .ok;
    expect(await verify(byOld, own.jwk, next.jwk)).toBe(true);
    expect(await verify(byNew, own.jwk, next.jwk)).toBe(true);
    expect(await verify(byNew, next.jwk)).toBe(true);
    expect(await verify(byOld, next.jwk)).toBe(false);
  });

  it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    'throws a TypeError for %s as the time, instead of accepting an expired token',
    async (now) => {
      const options = { issuers, audience: 'app', now: now as number };
      await expect(verifyChallengeToken(token(), options)).rejects.toThrow(TypeError);
    },
  );

  it('accepts a token as long as its issuer may make it, and refuses one character more', async () => {
    const text = token({ metadata: 'x'.repeat(4096) });
    const verify = (maxTokenLength: number) => {
      const longer = [{ ...trusted(own.jwk), maxTokenLength }];
      return verifyChallengeToken(text, { issuers: longer, audience: 'app', now: NOW });
    };
    expect(await verify(text.length)).toMatchObject({ ok: true });
    expect(await verify(text.length - 1)).toMatchObject({ ok: false, code: INVALID });
  });

  it('accepts 8 KiB at most, whatever its issuer may do', async () => {
    const longer = [{ ...trusted(own.jwk), maxTokenLength: 100_000 }];
    const verify = (length: number) =>
      verifyChallengeToken(token({ metadata: 'x'.repeat(length) }), {
        issuers: longer,
        audience: 'app',
        now: NOW,
      });
    expect(await verify(5_000)).toMatchObject({ ok: true });
    expect(await verify(6_144)).toMatchObject({ ok: false, code: INVALID });
  });

  it('repeats nothing of the token in a message', async () => {
    const text = token({
      aud: 'canary-app',
      identifier: { type: 'phone_number', value: '+33600000001' },
    });
    const verified = await verifyChallengeToken(text, { issuers, audience: 'app', now: NOW });
    expect(JSON.stringify(verified)).not.toMatch(/canary|336/);
  });
});

describe('signChallengeToken', () => {
  it('signs a token that verifyChallengeToken accepts, with typ, alg and kid in the header', async () => {
    const expected = parseClaims(claims()) as ChallengeClaims;
    const text = await signChallengeToken(expected, { kid: 'key-1', key: own.privateKey });
    const [header = ''] = text.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual(HEADER);
    const verified = await verifyChallengeToken(text, { issuers, audience: 'app', now: NOW });
    expect(verified).toEqual({ ok: true, claims: expected });
  });

  it('signs a JWT that jose accepts', async () => {
    const expected = parseClaims(claims({ sub: 'ü€😀' })) as ChallengeClaims;
    const text = await signChallengeToken(expected, { kid: 'key-1', key: own.privateKey });
    const key = createPublicKey(own.privateKey);
    const options = { currentDate: new Date(NOW), audience: 'app', typ: 'JWT' };
    const { payload, protectedHeader } = await jwtVerify(text, key, options);
    expect(payload).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(protectedHeader).toEqual(HEADER);
  });
});

describe('secondsToRemember', () => {
  const expected = parseClaims(claims()) as ChallengeClaims;
  it.each([
    [0, 630],
    [1, 630],
    [999, 630],
    [1000, 629],
    [629_000, 1],
    [700_000, 1],
  ])('is %i ms after issue, for a token of 600 s: %i s', (ms, seconds) => {
    expect(secondsToRemember(expected, NOW + ms)).toBe(seconds);
  });
});
