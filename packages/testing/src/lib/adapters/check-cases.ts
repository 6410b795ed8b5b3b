import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { assertFailure, assertVerified, CLEARED } from '../http/assert-response.js';
import { type Header, post } from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import {
  type AdapterCase,
  EMAIL,
  PHONE,
  repeatingFields,
  type Scenario,
  scenario,
} from '../kit/scenario.js';
import { decodePayload } from '../service/challenge-tokens.js';
import { createDpopKey, signDpopProof } from '../service/dpop.js';

const GONE = { message: MESSAGES.noVerification, headers: [CLEARED] };
const FOREIGN = { message: MESSAGES.tokenForeign };

/** `POST /check` in both flows. */
export const checkCases: readonly AdapterCase[] = [
  scenario('check returns a token for the right code, which the key set verifies', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(60);
    const checked = await t.exchange(post('/check', { code: t.code() }, { cookie }));
    const claims = await assertOurs(t, assertVerified(checked));
    const { jti, challenge_id, ...rest } = claims;
    const iat = t.clock.now() / 1000;
    assert.deepEqual(rest, {
      iss: 'https://otp.example',
      aud: 'app',
      iat,
      exp: iat + 300,
      auth_time: iat,
      current_step: 'completed',
      steps: [{ order: 1, key: 'verify_email', expiration_duration: 300, done: true, ...EMAIL }],
      grant_mode: 'session-start',
      ...EMAIL,
      amr: ['otp'],
    });
    assert.match(String(jti), /^.{16,128}$/);
    assert.match(String(challenge_id), /^.{16,128}$/);
    t.assertEffects({ stored: 1, sent: 1 });
    const again = await t.exchange(post('/check', { code: t.code() }, { cookie }));
    assertFailure(again, 'unauthorized', GONE);
  }),

  scenario('check of a step-up returns the next step of the same challenge', async (t) => {
    const steps = [
      { order: 1, key: 'verify_sms', expiration_duration: 600, done: false },
      { order: 2, key: 'enter_password', expiration_duration: 120, done: false },
    ];
    const challenge_token = t.challenge({ steps });
    const cookie = await t.open({ challenge_token });
    const checked = await t.exchange(
      post('/check', { code: t.code(), challenge_token }, { cookie }),
    );
    const claims = await assertOurs(t, assertVerified(checked));
    const before = decodePayload(challenge_token);
    const iat = t.clock.now() / 1000;
    assert.notEqual(claims.jti, before.jti);
    assert.deepEqual(claims, {
      ...before,
      iss: 'https://otp.example',
      challenge_iss: before.iss,
      iat,
      exp: iat + 120,
      auth_time: iat,
      jti: claims.jti,
      current_step: 'enter_password',
      steps: [{ ...steps[0], done: true }, steps[1]],
      amr: ['otp', 'sms'],
    });
  }),

  scenario(
    'check accepts a code in digits of another script with dashes, and other cookies [B11]',
    async (t) => {
      const cookie = `a=1; ${await t.open(PHONE)}; __verification-login_app2=b`;
      const code = t.code().replace(/./g, (digit) => '٠١٢٣٤٥٦٧٨٩'.charAt(Number(digit)));
      const typed = ` ${code.slice(0, 3)}\u2011${code.slice(3)} `;
      assertVerified(await t.exchange(post('/check', { code: typed }, { cookie })));
    },
  ),

  scenario(
    'check of a create with a code challenge answers a token that has it [J15]',
    async (t) => {
      const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
      const cookie = await t.open({ ...EMAIL, code_challenge, code_challenge_method: 'S256' });
      const checked = await t.exchange(post('/check', { code: t.code() }, { cookie }));
      const token: unknown = JSON.parse(checked.body).challenge_token;
      assert.equal(decodePayload(String(token)).pkce_challenge, code_challenge);
      assert.equal((await t.service.consumeSessionStart(token)).code, 'token_mismatch');
      const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
      assert.ok((await t.service.consumeSessionStart(token, { codeVerifier })).ok);
    },
  ),

  scenario(
    'check counts attempts down and ends the verification at the fifth wrong code [R01]',
    async (t) => {
      const cookie = await t.open(EMAIL);
      const wrong = post('/check', { code: t.wrongCode() }, { cookie });
      for (const attemptsLeft of [4, 3, 2, 1]) {
        const expected = { message: MESSAGES.codeWrong, attemptsLeft };
        assertFailure(await t.exchange(wrong), 'bad_check_code', expected);
      }
      const last = { message: MESSAGES.codeWrong, attemptsLeft: 0, headers: [CLEARED] };
      assertFailure(await t.exchange(wrong), 'bad_check_code', last);
      const right = post('/check', { code: t.code() }, { cookie });
      assertFailure(await t.exchange(right), 'unauthorized', GONE);
      t.assertEffects({ stored: 1, sent: 1 });
    },
  ),

  scenario('check refuses a malformed code without counting a guess', async (t) => {
    const cookie = await t.open(EMAIL);
    const refusals = [
      ['{}', MESSAGES.codeMissing],
      [{ code: '123' }, MESSAGES.code],
      [{ code: '12345678901' }, MESSAGES.code],
      [{ code: '１２３４５6' }, MESSAGES.code],
      [{ code: `${t.code()}a` }, MESSAGES.code],
      ['[]', MESSAGES.body],
      ['', MESSAGES.body],
      [undefined, MESSAGES.body],
    ] as const;
    await t.untouched(async () => {
      for (const [body, message] of refusals) {
        assertFailure(await t.exchange(post('/check', body, { cookie })), 'bad_request', {
          message,
        });
      }
      const text = post('/check', { code: t.code() }, { cookie, contentType: 'text/plain' });
      assertFailure(await t.exchange(text), 'bad_request', { message: MESSAGES.contentType });
      const large = post('/check', `{"code":"${t.code()}"}`.padEnd(8193), { cookie });
      assertFailure(await t.exchange(large), 'bad_request', { message: MESSAGES.bodyTooLarge });
    });
    const wrong = await t.exchange(post('/check', { code: t.wrongCode() }, { cookie }));
    assertFailure(wrong, 'bad_check_code', { message: MESSAGES.codeWrong, attemptsLeft: 4 });
  }),

  scenario('check without a cookie, or with an unknown one, is unauthorized', async (t) => {
    await t.open(EMAIL);
    const code = t.code();
    const bare = await t.exchange(post('/check', { code }));
    assertFailure(bare, 'unauthorized', { message: MESSAGES.noVerification });
    const other = await t.exchange(post('/check', { code }, { cookie: 'session=abc' }));
    assertFailure(other, 'unauthorized', { message: MESSAGES.noVerification });
    const cookie = `__verification-login_app=${'A'.repeat(43)}`;
    assertFailure(await t.exchange(post('/check', { code }, { cookie })), 'unauthorized', GONE);
  }),

  scenario(
    'check refuses a cookie that is duplicated, quoted, escaped or cut [K04, K05]',
    async (t) => {
      const cookie = await t.open(EMAIL);
      const [name, value = ''] = cookie.split('=');
      const attacker = `${name}=${'A'.repeat(43)}`;
      const bad = [
        `${cookie}; ${attacker}`,
        `${attacker}; ${cookie}`,
        `${name}="${value}"`,
        `${name}=%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
        `${name}=${value.slice(1)}`,
        `${name}=${value}A`,
      ];
      await t.untouched(async () => {
        for (const each of bad) {
          const request = post('/check', { code: t.code() }, { cookie: each });
          assertFailure(await t.exchange(request), 'unauthorized', GONE);
        }
      });
      assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
    },
  ),

  repeatingFields(
    scenario('check refuses two cookie fields with our name [K04]', async (t) => {
      const cookie = await t.open(EMAIL);
      const attacker = `${cookie.split('=')[0]}=${'A'.repeat(43)}`;
      await t.untouched(async () => {
        for (const headers of [cookies(attacker, cookie), cookies(cookie, attacker)]) {
          const twice = await t.exchange(post('/check', { code: t.code() }, { headers }));
          assertFailure(twice, 'unauthorized', GONE);
        }
      });
      assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
    }),
  ),

  scenario('check of a verification that has expired is unauthorized [R09]', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(600);
    const late = await t.exchange(post('/check', { code: t.code() }, { cookie }));
    assertFailure(late, 'unauthorized', GONE);
  }),

  scenario(
    'check of a step-up requires its own live challenge token; without it no guess is counted [J07]',
    async (t) => {
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      const code = t.code();
      const check = (more: object) => t.exchange(post('/check', { code, ...more }, { cookie }));
      assertFailure(await check({}), 'bad_request', { message: MESSAGES.tokenMissing });
      const invalid = await check({ challenge_token: 'x.y.z' });
      assertFailure(invalid, 'invalid_challenge_token', { message: MESSAGES.tokenInvalid });
      assertFailure(await check({ challenge_token: t.challenge() }), 'token_mismatch', FOREIGN);
      const otherApp = t.challenge({ aud: 'other-app' });
      assertFailure(await check({ challenge_token: otherApp }), 'token_mismatch', FOREIGN);
      const wrong = post('/check', { code: t.wrongCode(), challenge_token }, { cookie });
      const expected = { message: MESSAGES.codeWrong, attemptsLeft: 4 };
      assertFailure(await t.exchange(wrong), 'bad_check_code', expected);
      assertVerified(await check({ challenge_token }));
    },
  ),

  scenario(
    'check of a step-up with an expired challenge token is expired_challenge_token [J05]',
    async (t) => {
      const exp = Math.floor(t.clock.now() / 1000) + 60;
      const challenge_token = t.challenge({ exp });
      const cookie = await t.open({ challenge_token });
      t.clock.advance(91);
      const request = post('/check', { code: t.code(), challenge_token }, { cookie });
      const expired = await t.exchange(request);
      assertFailure(expired, 'expired_challenge_token', { message: MESSAGES.tokenExpired });
    },
  ),

  scenario('check of a standalone verification refuses a challenge token', async (t) => {
    const cookie = await t.open(EMAIL);
    const beside = { code: t.code(), challenge_token: t.challenge() };
    const refused = await t.exchange(post('/check', beside, { cookie }));
    assertFailure(refused, 'token_mismatch', FOREIGN);
    assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
  }),

  scenario(
    'check is token_reused if the step was completed by another verification [J08]',
    async (t) => {
      const challenge_token = t.challenge();
      const first = await t.open({ challenge_token });
      const firstCode = t.code();
      t.clock.advance(30);
      const second = await t.open({ challenge_token });
      const check = (code: string, cookie: string) =>
        t.exchange(post('/check', { code, challenge_token }, { cookie }));
      assertVerified(await check(firstCode, first));
      const reused = await check(t.code(), second);
      assertFailure(reused, 'token_reused', { message: MESSAGES.tokenDone });
      assertFailure(await check(firstCode, first), 'unauthorized', GONE);
    },
  ),

  scenario(
    'check over a limit on wrong codes is refused with the time to wait',
    async (t) => {
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      const wrong = post('/check', { code: t.wrongCode(), challenge_token }, { cookie });
      assertFailure(await t.exchange(wrong), 'bad_check_code', {
        message: MESSAGES.codeWrong,
        attemptsLeft: 4,
      });
      const headers: Header[] = [['retry-after', '100']];
      const expected = { message: MESSAGES.checkLimit, headers };
      assertFailure(await t.exchange(wrong), 'rate_limited', expected);
    },
    () => ({ limits: { userFailures: { max: 1, windowSeconds: 100 } } }),
  ),

  scenario(
    'check of a bound challenge requires a proof by its key for the URL of the request [J11]',
    async (t) => {
      await assertDpop(t, `${t.url}/check`);
    },
  ),

  repeatingFields(
    scenario('check of a bound challenge refuses two proofs [J11]', async (t) => {
      const { check, proof } = await openBound(t);
      const right = proof(`${t.url}/check`);
      assertFailure(await check([right, right]), 'token_mismatch', FOREIGN);
      assertVerified(await check([right]));
    }),
  ),

  scenario(
    'check of a bound challenge accepts a proof for the configured public URL [J11]',
    async (t) => {
      await assertDpop(t, 'https://api.example.com/otp/check');
    },
    () => ({ publicUrl: 'https://api.example.com/otp/' }),
  ),

  scenario(
    'check refuses a challenge of another session [J07]',
    async (t) => {
      // The user signs out between create and check.
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      const check = post('/check', { code: t.code(), challenge_token }, { cookie });
      assertFailure(await t.exchange(check), 'token_mismatch', FOREIGN);
      const wrong = post('/check', { code: t.wrongCode(), challenge_token }, { cookie });
      assertFailure(await t.exchange(wrong), 'token_mismatch', FOREIGN);
    },
    () => {
      const sessions = ['session-1'];
      return { session: () => sessions.shift() ?? null };
    },
  ),

  scenario('check fails while the store is down, and succeeds afterwards [S01]', async (t) => {
    const cookie = await t.open(EMAIL);
    const request = post('/check', { code: t.code() }, { cookie });
    t.store.fail(new Error('connection refused'));
    assertFailure(await t.exchange(request), 'internal');
    t.store.fail(undefined);
    assertVerified(await t.exchange(request));
  }),
];

/** Asserts that the only key of `/jwks.json` signed the token; returns its claims. */
async function assertOurs(t: Scenario, token: string): Promise<Record<string, unknown>> {
  const { body } = await t.exchange({ method: 'GET', path: '/jwks.json', headers: [] });
  const [jwk] = JSON.parse(body).keys;
  const [header = '', payload = '', signature = ''] = token.split('.');
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'EdDSA',
    typ: 'JWT',
    kid: jwk.kid,
  });
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(`${header}.${payload}`);
  assert.ok(verify(null, signed, key, Buffer.from(signature, 'base64url')), 'signature');
  return decodePayload(token);
}

function cookies(...values: readonly string[]): Header[] {
  return values.map((value) => ['cookie', value]);
}

/** Opens a verification whose challenge is bound to a key. */
async function openBound(t: Scenario) {
  const key = createDpopKey();
  const challenge_token = t.challenge({ cnf: { jkt: key.jkt } });
  const { jti } = decodePayload(challenge_token);
  const cookie = await t.open({ challenge_token });
  return {
    jkt: key.jkt,
    check: (headers: readonly Header[]) =>
      t.exchange(post('/check', { code: t.code(), challenge_token }, { cookie, headers })),
    proof: (htu: string): Header => [
      'dpop',
      signDpopProof(key, { htu, jti: String(jti), now: t.clock.now() }),
    ],
  };
}

async function assertDpop(t: Scenario, htu: string): Promise<void> {
  const { jkt, check, proof } = await openBound(t);
  assertFailure(await check([]), 'token_mismatch', FOREIGN);
  const elsewhere = await check([proof('https://elsewhere.example/check')]);
  assertFailure(elsewhere, 'token_mismatch', FOREIGN);
  const claims = decodePayload(assertVerified(await check([proof(htu)])));
  assert.deepEqual(claims.cnf, { jkt });
}
