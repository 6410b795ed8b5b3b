import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  createDpopKey,
  headerValues,
  type Json,
  post,
  signDpopProof,
  type TestServiceOptions,
} from '@otp/testing';
import {
  answerOf,
  challengeClaims,
  createTestIssuer,
  decodePayload,
  EMAIL,
  email,
  encodeSegment,
  PHONE,
  setUp,
  signCompact,
  type TestKit,
  tally,
  times,
  UNLIMITED,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { generateKeys } from '../src/lib/keys/generate-keys.js';

const INVALID = 'invalid_challenge_token';

/** What create answers to a token that must leave no trace. */
async function createWith(t: TestKit, challenge_token: string): Promise<string> {
  let answer = '';
  await t.untouched(async () => {
    answer = answerOf(await t.create({ challenge_token }));
  });
  return answer;
}

/** At create, and at check of a live step-up, which stays as it is. */
async function expectInvalid(t: TestKit, tokens: readonly string[]): Promise<void> {
  const live = t.challenge({
    sub: 'user-2',
    identifier: EMAIL.identifier,
    ...atStep('verify_email'),
  });
  const cookie = await t.open({ challenge_token: live });
  for (const [index, challenge_token] of tokens.entries()) {
    expect([index, await createWith(t, challenge_token)]).toEqual([index, INVALID]);
    await t.untouched(async () => {
      const checked = await t.check(cookie, t.code(), { challenge_token });
      expect([index, answerOf(checked)]).toEqual([index, INVALID]);
    });
  }
  expect(answerOf(await t.check(cookie, t.code(), { challenge_token: live }))).toBe('200');
}

function atStep(key: string): Json {
  return {
    current_step: key,
    steps: [{ order: 1, key, expiration_duration: 600, done: false }],
  };
}

/** Header and payload of a good token, to be signed by somebody else. */
function inputOf(t: TestKit, header: Json, payload?: unknown): string {
  const claims = payload ?? challengeClaims(t.issuer.issuer, t.clock.now());
  return [{ typ: 'JWT', kid: t.issuer.kid, ...header }, claims].map(encodeSegment).join('.');
}

describe('J01', () => {
  test('the algorithm none in any letters is invalid, signed or not [J01]', async () => {
    const t = setUp();
    const signature = t.challenge().split('.')[2];
    const algorithms = ['none', 'None', 'nOnE', 'NONE', '', undefined, null];
    await expectInvalid(
      t,
      algorithms.flatMap((alg) => [
        `${inputOf(t, { alg })}.`,
        `${inputOf(t, { alg })}.${signature}`,
        t.challenge({}, { alg }),
      ]),
    );
  });

  test('HS256 keyed with the public key in any encoding is invalid [J01]', async () => {
    const t = setUp();
    const { x = '' } = t.issuer.jwk;
    const secrets = [
      Buffer.from(x, 'base64url'),
      Buffer.from(x),
      Buffer.from(JSON.stringify(t.issuer.jwk)),
      Buffer.from(JSON.stringify({ keys: [t.issuer.jwk] })),
    ];
    await expectInvalid(
      t,
      secrets.flatMap((secret) =>
        ['HS256', 'EdDSA'].map((alg) => {
          const input = inputOf(t, { alg });
          return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
        }),
      ),
    );
  });

  test('CVE-2026-22817 RS256 and ES256 are invalid, also with our key id [J01]', async () => {
    const t = setUp();
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const byRsa = (alg: string) => {
      const input = inputOf(t, { alg });
      return `${input}.${sign('sha256', Buffer.from(input), rsa).toString('base64url')}`;
    };
    const byEc = (alg: string) => {
      const input = inputOf(t, { alg });
      const key = { key: ec, dsaEncoding: 'ieee-p1363' } as const;
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
    };
    await expectInvalid(t, [byRsa('RS256'), byRsa('EdDSA'), byEc('ES256'), byEc('EdDSA')]);
  });

  test('a good signature under another algorithm name is invalid [J01]', async () => {
    const t = setUp();
    const names = [
      'ed25519',
      'ED25519',
      ['Ed25519'],
      'eddsa',
      'EDDSA',
      'HS256',
      ['EdDSA'],
      { EdDSA: 1 },
    ];
    await expectInvalid(
      t,
      names.map((alg) => t.challenge({}, { alg })),
    );
  });
});

describe('J02', () => {
  test.each(['jwk', 'jku', 'x5u', 'x5c', 'crit'])(
    '%s in the header makes a token invalid, and nothing is fetched [J02]',
    async (member) => {
      let requests = 0;
      const attacker = createTestIssuer('https://issuer.example');
      const values: Record<string, unknown> = {
        jwk: attacker.jwk,
        jku: 'https://attacker.example/jwks.json',
        x5u: 'https://attacker.example/cert.pem',
        x5c: ['MIIB'],
        crit: ['exp'],
      };
      const t = setUp({
        fetch: async () => {
          requests += 1;
          return new Response(JSON.stringify({ keys: [attacker.jwk] }));
        },
      });
      const header = { [member]: values[member] };
      const claims = challengeClaims(t.issuer.issuer, t.clock.now());
      await expectInvalid(t, [
        t.challenge({}, header),
        t.challenge({}, { [member]: null }),
        signCompact({ alg: 'EdDSA', kid: 'issuer-1', ...header }, claims, attacker.privateKey),
        signCompact({ alg: 'EdDSA', ...header }, claims, attacker.privateKey),
      ]);
      expect(requests).toBe(0);
    },
  );
});

describe('J04', () => {
  test('GHSA-xmf8-cvqr-rfgj a token that is malformed in any way is invalid, never internal [J04]', async () => {
    const t = setUp();
    const { privateKey, kid } = t.issuer;
    const good = t.challenge();
    const [header = '', payload = '', signature = ''] = good.split('.');
    const claims = challengeClaims(t.issuer.issuer, t.clock.now());
    const signed = (head: unknown, body: unknown) => signCompact(head, body, privateKey);
    const head = { alg: 'EdDSA', typ: 'JWT', kid };
    await expectInvalid(t, [
      'x',
      '.',
      '..',
      '...',
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${good}.${signature}`,
      `${good}.`,
      `.${good}`,
      ` ${good}`,
      `${good} `,
      `${good}\n`,
      `${good}=`,
      `${header}=.${payload}.${signature}`,
      good.replace('.', ' .'),
      `Bearer ${good}`,
      `${header}.${payload}.${signature.slice(0, -1)}`,
      `${header}.${payload}.${signature}AAAA`,
      `${header}.${payload}.AAAA`,
      signed([head], claims),
      signed('null', claims),
      signed('1', claims),
      signed('"EdDSA"', claims),
      signed('{', claims),
      signed(head, [claims]),
      signed(head, 'null'),
      signed(head, 'text'),
      signed(head, '1'),
      signed(head, '{}'),
      signed(head, Buffer.from([0xff, 0xfe])),
      signed(Buffer.from([0x7b, 0xff, 0x7d]), claims),
      signed(
        head,
        Buffer.concat([
          Buffer.from(`{"x":"`),
          Buffer.from([0xed, 0xa0, 0x80]),
          Buffer.from(`",${JSON.stringify(claims).slice(1)}`),
        ]),
      ),
      signed({ ...head, kid: 1 }, claims),
      signed({ ...head, kid: ['issuer-1'] }, claims),
      signed({ ...head, kid: '__proto__' }, claims),
      signed({ ...head, typ: 'at+jwt' }, claims),
      signed({ ...head, typ: 'dpop+jwt' }, claims),
      signed({ ...head, typ: ['JWT'] }, claims),
    ]);
  });

  test('a token in another encoding than canonical base64url is invalid [J04]', async () => {
    const t = setUp();
    const good = t.challenge();
    // 64 bytes are 86 characters, of which the last one has four bits that no decoder uses.
    const last = good.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const at = alphabet.indexOf(last);
    const spellings = times(15, (n) => alphabet[(at & 0b110000) + n + 1] ?? '').filter(
      (each) => each !== last,
    );
    await expectInvalid(t, [
      ...spellings.map((each) => good.slice(0, -1) + each),
      good.replaceAll('-', '+').replaceAll('_', '/').replace(/$/, '=='),
    ]);
    expect(answerOf(await t.create({ challenge_token: good }))).toBe('204');
  });

  test('a token over 4 KiB is invalid, one of 4 KiB is accepted [J04]', async () => {
    const t = setUp();
    const ofLength = (length: number) => {
      const size = (filler: number) => t.challenge({ metadata: 'x'.repeat(filler) }).length;
      let filler = 0;
      while (size(filler) < length) filler += 1;
      return t.challenge({ metadata: 'x'.repeat(filler) });
    };
    const around = [4092, 4093, 4094, 4095, 4096].map(ofLength);
    const taken = around.find((each) => each.length <= 4096) ?? '';
    expect(taken.length).toBeGreaterThan(4090);
    expect((await t.create({ challenge_token: taken })).status).toBe(204);
    const larger = ofLength(4097);
    expect(await createWith(t, larger)).toBe(INVALID);
  });

  test('an empty string, or another type, is a bad request [J04]', async () => {
    const t = setUp();
    await t.untouched(async () => {
      for (const challenge_token of ['', null, 1, {}, [], [t.challenge()], true]) {
        expect(answerOf(await t.create({ challenge_token }))).toBe('bad_request');
      }
    });
  });
});

describe('J05', () => {
  test('a badly signed token that has expired is invalid, not expired [J05]', async () => {
    const t = setUp();
    const now = t.clock.now() / 1000;
    const expired = { iat: now - 600, exp: now - 100 };
    const stranger = createTestIssuer('https://issuer.example');
    const claims = { ...challengeClaims(t.issuer.issuer, t.clock.now()), ...expired };
    const head = { alg: 'EdDSA', kid: 'issuer-1' };
    expect(await createWith(t, t.challenge(expired))).toBe('expired_challenge_token');
    expect(await createWith(t, signCompact(head, claims, stranger.privateKey))).toBe(INVALID);
    const [header, , signature] = t.challenge(expired).split('.');
    expect(await createWith(t, `${header}.${encodeSegment(claims)}.${signature}`)).toBe(INVALID);
  });

  test('a token is accepted 29 s after exp, and has expired 31 s after it [J05]', async () => {
    const t = setUp();
    const now = t.clock.now() / 1000;
    expect((await t.create({ challenge_token: t.challenge({ exp: now - 29 }) })).status).toBe(204);
    expect(await createWith(t, t.challenge({ exp: now - 31 }))).toBe('expired_challenge_token');
  });

  test('check accepts it as long, and counts no guess for an expired token [J05]', async () => {
    const t = setUp();
    const challenge_token = t.challenge({ exp: t.clock.now() / 1000 + 100 });
    const cookie = await t.open({ challenge_token });
    t.clock.advance(131);
    await t.untouched(async () => {
      const expired = await t.check(cookie, t.code(), { challenge_token });
      expect(answerOf(expired)).toBe('expired_challenge_token');
    });
    t.clock.advance(-2);
    expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('200');
  });

  test('an expired token of another app is expired [J05]', async () => {
    const t = setUp();
    const expired = { exp: t.clock.now() / 1000 - 31 };
    expect(await createWith(t, t.challenge({ ...expired, aud: 'other' }))).toBe(
      'expired_challenge_token',
    );
  });
});

describe('J06', () => {
  const DAY = 24 * 3600;

  test('times that no honest issuer writes are invalid [J06]', async () => {
    const t = setUp();
    const now = t.clock.now() / 1000;
    const claims: Json[] = [
      { nbf: now + 31 },
      { iat: now + 31, exp: now + 600 },
      { exp: undefined },
      { exp: String(now + 600) },
      { exp: null },
      { exp: [now + 600] },
      { exp: 1e308 },
      { exp: now + DAY + 1 },
      { iat: undefined },
      { iat: String(now) },
      { iat: null },
      { iat: -1e308 },
      { iat: now - DAY, exp: now + 1 },
      { iat: 1e308, exp: 1e308 },
      { nbf: String(now) },
      { nbf: 1e308 },
    ];
    await expectInvalid(
      t,
      claims.map((each) => t.challenge(each)),
    );
  });

  test('numbers beyond what JSON can hold are invalid [J06]', async () => {
    const t = setUp();
    const claims = JSON.stringify(challengeClaims(t.issuer.issuer, t.clock.now()));
    const head = { alg: 'EdDSA', kid: t.issuer.kid };
    await expectInvalid(
      t,
      ['1e999', '-1e999'].map((number) =>
        signCompact(head, claims.replace(/"exp":[0-9]+/, `"exp":${number}`), t.issuer.privateKey),
      ),
    );
  });

  test.each(['iat', 'nbf'])('an %s of 30 s ahead is tolerated [J06]', async (claim) => {
    const t = setUp();
    const challenge_token = t.challenge({ [claim]: t.clock.now() / 1000 + 30 });
    expect((await t.create({ challenge_token })).status).toBe(204);
  });

  test('a life of 24 hours is accepted [J06]', async () => {
    const t = setUp();
    const challenge_token = t.challenge({ exp: t.clock.now() / 1000 + DAY });
    expect((await t.create({ challenge_token })).status).toBe(204);
  });
});

describe('J07', () => {
  test('a token without a required claim, or at a step that is not ours, is invalid [J07]', async () => {
    const t = setUp();
    const required = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'challenge_id', 'current_step'];
    const claims: Json[] = [
      ...required.map((claim) => ({ [claim]: undefined })),
      ...required.map((claim) => ({ [claim]: null })),
      { iss: 'https://other.example' },
      { iss: 'https://issuer.example/' },
      { iss: 'HTTPS://issuer.example' },
      { iss: ['https://issuer.example'] },
      { sub: '' },
      { sub: 1 },
      { jti: 'x'.repeat(15) },
      { jti: 'x'.repeat(129) },
      { jti: 1234567890123456 },
      { current_step: 'completed' },
      { current_step: 'enter_password', ...atStep('enter_password') },
      { current_step: 'toString' },
      { steps: [{ order: 1, key: 'verify_sms', expiration_duration: 600, done: true }] },
      { steps: [{ order: 1, key: 'verify_email', expiration_duration: 600, done: false }] },
      { steps: 'verify_sms' },
      { cnf: {} },
      { cnf: { jkt: 'short' } },
      { cnf: { 'x5t#S256': 'A'.repeat(43) } },
    ];
    await expectInvalid(
      t,
      claims.map((each) => t.challenge(each)),
    );
  });

  test('a token that names no recipient for its step is invalid [J07]', async () => {
    const t = setUp();
    const recipients = [
      undefined,
      EMAIL.identifier,
      { type: 'phone_number', value: '+33123456789' },
    ];
    await expectInvalid(
      t,
      recipients.map((identifier) => t.challenge({ identifier })),
    );
  });

  test('an identifier of the client never replaces one that the token lacks [J07]', async () => {
    const t = setUp();
    await t.untouched(async () => {
      const challenge_token = t.challenge({ identifier: undefined });
      expect(answerOf(await t.create({ challenge_token, ...PHONE }))).toBe(INVALID);
    });
  });

  test.each([16, 128])('a jti of %i characters is accepted [J07]', async (length) => {
    const t = setUp();
    const challenge_token = t.challenge({ jti: 'x'.repeat(length) });
    expect((await t.create({ challenge_token })).status).toBe(204);
  });

  test('our own token after a standalone check opens no step-up [J07]', async () => {
    const t = setUp();
    const cookie = await t.open(EMAIL);
    const { challenge_token } = JSON.parse((await t.check(cookie, t.code())).body);
    expect(await createWith(t, challenge_token)).toBe(INVALID);
  });

  test("another app's token is a mismatch; one for several apps, ours included, is not [J07]", async () => {
    const t = setUp();
    for (const aud of ['other', ['other'], 'App', 'app ', ['other', 'app2']]) {
      expect(await createWith(t, t.challenge({ aud }))).toBe('token_mismatch');
    }
    const challenge_token = t.challenge({ aud: ['other', 'app'] });
    expect((await t.create({ challenge_token })).status).toBe(204);
  });

  test('the answer to a token for several apps is redeemed at ours alone, and once [J13]', async () => {
    const options = { ...generateKeys(), testIssuer: createTestIssuer('https://issuer.example') };
    const [t, other] = [setUp(options), setUp({ ...options, appId: 'other' })];
    const challenge_token = t.challenge({ aud: ['app', 'other'] });
    const answer = await t.verify({ challenge_token });
    expect(decodePayload(answer).aud).toBe('app');
    const expected = { sub: 'user-1', sid: 'session-1', scope: 'transfer', iss: t.issuer.issuer };
    const redeem = ({ service }: TestKit) => service.consumeStepUp(answer, expected);
    expect(await redeem(other)).toMatchObject({ ok: false, code: 'token_mismatch' });
    expect(await redeem(t)).toMatchObject({ ok: true });
    expect(await redeem(t)).toMatchObject({ ok: false, code: 'token_reused' });
  });

  test('a token of another session is a mismatch [J07]', async () => {
    for (const session of [() => 'session-2', () => null, async () => 'SESSION-1']) {
      const t = setUp({ session });
      expect(answerOf(await t.create({ challenge_token: t.challenge() }))).toBe('token_mismatch');
      t.assertEffects({ stored: 0, sent: 0 });
    }
    const t = setUp({ session: async () => 'session-1' });
    expect((await t.create({ challenge_token: t.challenge() })).status).toBe(204);
  });

  test('at check another app, session or challenge is a mismatch and counts no guess [J07]', async () => {
    let session = 'session-1';
    const t = setUp({ session: () => session });
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const others = [
      t.challenge({ aud: 'other' }),
      t.challenge({ sid: 'session-2' }),
      t.challenge(),
    ];
    for (const other of others) {
      const answer = await t.check(cookie, t.code(), { challenge_token: other });
      expect(answerOf(answer)).toBe('token_mismatch');
    }
    session = 'session-2';
    expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('token_mismatch');
    session = 'session-1';
    const wrong = await t.check(cookie, t.wrongCode(), { challenge_token });
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
    expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('200');
  });

  test('another recipient beside the token is a mismatch [J07]', async () => {
    const t = setUp();
    const challenge_token = t.challenge();
    for (const body of [EMAIL, { identifier: { type: 'phone_number', value: '+33612345679' } }]) {
      expect(answerOf(await t.create({ challenge_token, ...body }))).toBe('token_mismatch');
    }
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('the recipient that findRecipient returns is the one that is compared [J07]', async () => {
    const t = setUp({ findRecipient: () => ({ type: 'phone_number', value: '+33699999999' }) });
    const both = { challenge_token: t.challenge(), ...PHONE };
    expect(answerOf(await t.create(both))).toBe('token_mismatch');
    const challenge_token = t.challenge({ identifier: undefined });
    expect((await t.create({ challenge_token })).status).toBe(204);
    expect(t.sender.messages.map(({ to }) => to)).toEqual(['+33699999999']);
  });
});

describe('J08', () => {
  const limits = UNLIMITED;

  test('the sixth create with one token is blocked, in another encoding and on another process too [J08]', async () => {
    const keys = generateKeys();
    const one = setUp({ ...keys, retryIntervalSeconds: 0, limits });
    const shared = { testClock: one.clock, testIssuer: one.issuer, store: one.store };
    const two = setUp({ ...keys, ...shared, retryIntervalSeconds: 0, limits });
    const claims = challengeClaims(one.issuer.issuer, one.clock.now());
    const head = { alg: 'EdDSA', kid: one.issuer.kid };
    const spellings = [
      claims,
      JSON.stringify(claims, null, 1),
      Object.fromEntries(Object.entries(claims).reverse()),
      { ...claims, unknown: 1 },
      { ...claims, metadata: 'other' },
      JSON.stringify(claims).replace('"jti"', '"\\u006ati"'),
    ].map((payload) => signCompact(head, payload, one.issuer.privateKey));
    expect(new Set(spellings).size).toBe(6);
    const responses = [];
    for (const [index, challenge_token] of spellings.entries()) {
      responses.push(await (index % 2 === 0 ? one : two).create({ challenge_token }));
    }
    expect(responses.map(answerOf)).toEqual(['204', '204', '204', '204', '204', 'auth_blocked']);
    expect(one.sender.messages.length + two.sender.messages.length).toBe(5);
    expect(one.store.stored.size).toBe(5);
  });

  test('the budget of a token holds where the other limits are lifted [J08]', async () => {
    const t = setUp({ dangerouslyDisableLimits: true });
    const challenge_token = t.challenge();
    const responses = await Promise.all(times(8, () => t.create({ challenge_token })));
    expect(tally(responses)).toEqual({ '204': 5, auth_blocked: 3 });
    t.assertEffects({ stored: 5, sent: 5 });
  });

  test('after its step is done a token is invalid at create and reused at check, in any encoding [J08]', async () => {
    const keys = generateKeys();
    const one = setUp({ ...keys, retryIntervalSeconds: 0, limits });
    const shared = { testClock: one.clock, testIssuer: one.issuer, store: one.store };
    const two = setUp({ ...keys, ...shared, retryIntervalSeconds: 0, limits });
    const claims = challengeClaims(one.issuer.issuer, one.clock.now());
    const head = { alg: 'EdDSA', kid: one.issuer.kid };
    const token = signCompact(head, claims, one.issuer.privateKey);
    const respelled = signCompact(head, JSON.stringify(claims, null, 2), one.issuer.privateKey);
    const first = await one.open({ challenge_token: token });
    const second = await two.open({ challenge_token: respelled });
    expect(answerOf(await one.check(first, one.code(), { challenge_token: token }))).toBe('200');
    for (const challenge_token of [token, respelled]) {
      expect(answerOf(await two.check(second, two.code(), { challenge_token }))).toBe(
        'token_reused',
      );
      expect(answerOf(await two.create({ challenge_token }))).toBe(INVALID);
      expect(answerOf(await two.create({ challenge_token, ...EMAIL }))).toBe(INVALID);
    }
    expect(two.sender.messages).toHaveLength(1);
  });

  test('five wrong codes for one token block its next create [J08]', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    await Promise.all(times(5, () => t.check(cookie, t.wrongCode(), { challenge_token })));
    expect(answerOf(await t.create({ challenge_token }))).toBe('auth_blocked');
    t.assertEffects({ stored: 1, sent: 1 });
  });

  test('twenty wrong codes a day for one user over many tokens block create, for that user [J08]', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    for (let token = 0; token < 4; token += 1) {
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      const wrong = times(5, () => t.check(cookie, t.wrongCode(), { challenge_token }));
      expect(tally(await Promise.all(wrong))).toEqual({ bad_check_code: 5 });
    }
    expect(answerOf(await t.create({ challenge_token: t.challenge() }))).toBe('auth_blocked');
    t.assertEffects({ stored: 4, sent: 4 });
    const other = { challenge_token: t.challenge({ sub: 'user-2' }) };
    expect((await t.create(other)).status).toBe(204);
    t.clock.advance(24 * 3600);
    expect((await t.create({ challenge_token: t.challenge() })).status).toBe(204);
  });

  test('right codes do not count against a user [J08]', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    for (let done = 0; done < 25; done += 1) {
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('200');
    }
  });
});

describe('J10', () => {
  test('of our own keys both verify while both are listed, then the new one alone [J10]', async () => {
    const [oldKey, newKey] = [generateKeys().signingKeys[0], generateKeys().signingKeys[0]];
    const { keyring } = generateKeys();
    const challenge = {
      sub: 'user-1',
      steps: ['verify_email'],
      identifier: { type: 'email_address', value: 'user@example.com' },
    } as const;
    const before = setUp({ keyring, signingKeys: [oldKey] });
    const shared = { keyring, testClock: before.clock };
    const during = setUp({ ...shared, signingKeys: [newKey, oldKey] });
    const after = setUp({ ...shared, signingKeys: [newKey] });
    const byOld = await before.service.issueChallengeToken(challenge);
    const byNew = await during.service.issueChallengeToken(challenge);
    expect((await during.create({ challenge_token: byOld })).status).toBe(204);
    during.clock.advance(30);
    expect((await during.create({ challenge_token: byNew })).status).toBe(204);
    expect(await createWith(after, byOld)).toBe(INVALID);
    expect((await after.create({ challenge_token: byNew })).status).toBe(204);
  });

  test('a rotated secret ends nothing under way, and a used token stays used [J10, S08]', async () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)].map((each) => each.toString('hex'));
    const serve = (secret: readonly (string | undefined)[], shared: TestServiceOptions = {}) =>
      setUp({ ...shared, secret: secret.map(String) });
    const before = serve([old, fresh]);
    const shared = { testClock: before.clock, testIssuer: before.issuer, store: before.store };
    const [rotated, retired] = [serve([fresh, old], shared), serve([fresh], shared)];

    const challenge_token = before.challenge();
    const cookie = await before.open({ challenge_token });
    const checked = await rotated.check(cookie, before.code(), { challenge_token });
    expect(answerOf(checked)).toBe('200');
    for (const service of [before, rotated, retired]) {
      expect(answerOf(await service.create({ challenge_token }))).toBe(INVALID);
    }
    const byOld = await before.service.issueChallengeToken({
      sub: 'user-1',
      steps: ['verify_email'],
      identifier: { type: 'email_address', value: 'user@example.com' },
    });
    expect(await createWith(retired, byOld)).toBe(INVALID);
    expect((await rotated.create({ challenge_token: byOld })).status).toBe(204);
  });
});

describe('J11', () => {
  const HTU = 'https://api.test/v1/session/otp/check';

  async function openBound() {
    const t = setUp();
    const key = createDpopKey();
    const challenge_token = t.challenge({ cnf: { jkt: key.jkt } });
    const jti = String(decodePayload(challenge_token).jti);
    const cookie = await t.open({ challenge_token });
    const now = t.clock.now();
    const check = (proofs: readonly string[], code = t.code()) => {
      const headers = proofs.map((proof) => ['dpop', proof] as const);
      return t.exchange(post('/check', { code, challenge_token }, { cookie, headers }));
    };
    return { t, key, jti, now, check };
  }

  test('a bound challenge needs one good proof, and a bad one counts no guess [J11]', async () => {
    const { t, key, jti, now, check } = await openBound();
    const good = { htu: HTU, jti, now };
    const right = signDpopProof(key, good);
    const seconds = now / 1000;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rsaInput = [
      { typ: 'dpop+jwt', alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
      { htm: 'POST', htu: HTU, jti, iat: seconds },
    ]
      .map(encodeSegment)
      .join('.');
    const privateJwk = { ...key.privateKey.export({ format: 'jwk' }) };
    const bad: (readonly string[])[] = [
      [],
      [''],
      ['x.y.z'],
      [right, right],
      [`${right}, ${right}`],
      [signDpopProof(key, { ...good, claims: { htm: 'GET' } })],
      [signDpopProof(key, { ...good, claims: { htm: 'post' } })],
      [signDpopProof(key, { ...good, htu: 'https://api.test/v1/session/otp' })],
      [signDpopProof(key, { ...good, htu: 'http://api.test/v1/session/otp/check' })],
      [signDpopProof(key, { ...good, htu: 'https://evil.test/v1/session/otp/check' })],
      [signDpopProof(key, { ...good, htu: 'https://api.test/v1/session/otp/retry' })],
      [signDpopProof(key, { ...good, htu: '/v1/session/otp/check' })],
      [signDpopProof(key, { ...good, jti: 'another-token-of-ours' })],
      [signDpopProof(key, { ...good, claims: { jti: undefined } })],
      [signDpopProof(key, { ...good, claims: { htu: undefined } })],
      [signDpopProof(key, { ...good, claims: { htm: undefined } })],
      [signDpopProof(key, { ...good, claims: { iat: undefined } })],
      [signDpopProof(key, { ...good, claims: { iat: seconds - 61 } })],
      [signDpopProof(key, { ...good, claims: { iat: seconds + 61 } })],
      [signDpopProof(key, { ...good, claims: { iat: String(seconds) } })],
      [signDpopProof(key, { ...good, header: { typ: 'JWT' } })],
      [signDpopProof(key, { ...good, header: { typ: undefined } })],
      [signDpopProof(key, { ...good, header: { alg: 'none' } })],
      [signDpopProof(key, { ...good, header: { alg: 'HS256' } })],
      [signDpopProof(key, { ...good, header: { jwk: undefined } })],
      [signDpopProof(key, { ...good, header: { jwk: privateJwk } })],
      [signDpopProof(key, { ...good, header: { crit: ['x'] } })],
      [signDpopProof(createDpopKey(), good)],
      [signDpopProof(createDpopKey(), { ...good, header: { jwk: key.publicJwk } })],
      [
        `${rsaInput}.${sign('sha256', Buffer.from(rsaInput), rsa.privateKey).toString('base64url')}`,
      ],
      [`${right.slice(0, -4)}AAAA`],
      [t.challenge()],
    ];
    for (const [index, proofs] of bad.entries()) {
      const response = await check(proofs);
      expect([index, answerOf(response)]).toEqual([index, 'token_mismatch']);
      expect(headerValues(response, 'set-cookie')).toEqual([]);
    }
    const wrong = await check([right], t.wrongCode());
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
    expect(answerOf(await check([right]))).toBe('200');
  });

  test.each([
    ['60 s old', -60, HTU],
    ['60 s ahead', 60, HTU],
    ['with a query in its URL', 0, `${HTU}?x=1`],
    ['with the URL in other letters', 0, 'HTTPS://API.test:443/v1/session/otp/check'],
  ])('a proof that is %s is accepted [J11]', async (_, age, htu) => {
    const { key, jti, now, check } = await openBound();
    const proof = signDpopProof(key, { htu, jti, now, claims: { iat: now / 1000 + age } });
    expect(answerOf(await check([proof]))).toBe('200');
  });

  test.each(['EdDSA', 'Ed25519'])(
    'a challenge and a proof by %s are accepted [J11, J14]',
    async (alg) => {
      const t = setUp();
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const { crv, kty, x } = publicKey.export({ format: 'jwk' });
      const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
      const challenge_token = t.challenge({ cnf: { jkt } }, { alg });
      const { jti } = decodePayload(challenge_token);
      const cookie = await t.open({ challenge_token });
      const proof = signCompact(
        { typ: 'dpop+jwt', alg, jwk: { crv, kty, x } },
        { htm: 'POST', htu: HTU, jti, iat: t.clock.now() / 1000 },
        privateKey,
      );
      const headers = [['dpop', proof]] as const;
      const request = post('/check', { code: t.code(), challenge_token }, { cookie, headers });
      expect(answerOf(await t.exchange(request))).toBe('200');
    },
  );

  test.each([
    ['dpop_clock', 75, HTU],
    ['dpop_clock', -75, HTU],
    ['dpop_url', 0, 'https://api.test/otp/check'],
    ['dpop_key', 0, HTU],
  ])('an event says %s of a proof %i s away for %s [J14]', async (reason, age, htu) => {
    const { t, key, jti, now, check } = await openBound();
    const signer = reason === 'dpop_key' ? createDpopKey() : key;
    const proof = signDpopProof(signer, { htu, jti, now, claims: { iat: now / 1000 + age } });
    expect(answerOf(await check([proof]))).toBe('token_mismatch');
    expect(t.events.at(-1)).toMatchObject({ type: 'refused', code: 'token_mismatch', reason });
    const right = signDpopProof(key, { htu: HTU, jti, now, claims: { iat: now / 1000 + 45 } });
    expect(answerOf(await check([right]))).toBe('200');
  });

  test('create needs no proof, and a challenge that is not bound needs none at check [J11]', async () => {
    const t = setUp();
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const headers = [['dpop', 'nonsense']] as const;
    const request = post('/check', { code: t.code(), challenge_token }, { cookie, headers });
    expect(answerOf(await t.exchange(request))).toBe('200');
    expect((await t.create(email('x@example.com'), { headers })).status).toBe(204);
  });
});
