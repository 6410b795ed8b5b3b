import { createHash, randomBytes } from 'node:crypto';
import { Client, email, outcome, phone, wrongCode } from '@otp/example-shared/testing/client';
import { createDpopKey, createForeignIssuer } from '@otp/example-shared/testing/issuer';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { useDemo } from './demo.js';

const MOUNT = '/v1/session/otp';
const ADA_PHONE = '+12025550123';

const secret = randomBytes(32).toString('base64url');
const issuer = await createForeignIssuer('https://issuer.example.com');
const FOREIGN = {
  OTP_CHALLENGE_ISSUER: issuer.name,
  // In quotes, as `docker run --env-file` leaves a value.
  OTP_CHALLENGE_JWKS: `'${JSON.stringify(issuer.jwks)}'`,
};

describe('without settings', () => {
  const demo = useDemo();

  test('a code that was sent verifies once, and the host takes the signed token once', async () => {
    const client = new Client(demo);
    const created = await client.create(phone('+12025550150'));
    expect(outcome(created)).toBe('204');
    expect(client.cookie).toMatch(/^__verification-login_demo=[A-Za-z0-9_-]{43}$/);

    const [message] = await client.inbox('+12025550150');
    expect(message).toMatchObject({ channel: 'sms', to: '+12025550150' });
    expect(message?.text).toContain(message?.code);
    expect(new Date(message?.sentAt ?? '').toISOString()).toBe(message?.sentAt);

    const { cookie } = client;
    const checked = await client.check(message?.code ?? '');
    expect(outcome(checked)).toBe('200');
    expect(client.cookie).toBeUndefined();
    client.cookie = cookie;
    expect(outcome(await client.check(message?.code ?? ''))).toBe('401 unauthorized');

    const token = checked.body.challenge_token;
    const keys = createLocalJWKSet((await client.send('GET', `${MOUNT}/jwks.json`)).body);
    const expected = { issuer: 'urn:otp-demo:demo', audience: 'demo' };
    const { payload } = await jwtVerify(token, keys, expected);
    expect(payload).toMatchObject({ current_step: 'completed', grant_mode: 'session-start' });

    const session = await client.send('POST', '/demo/session', { challenge_token: token });
    expect(session.body).toMatchObject({ ...phone('+12025550150'), amr: ['otp', 'sms'] });
    const again = await client.send('POST', '/demo/session', { challenge_token: token });
    expect(outcome(again)).toBe('409 token_reused');
  });

  test('a token of one flow does not pass for one of the other', async () => {
    const client = new Client(demo);
    await client.create(phone('+12025550151'));
    const { body } = await client.check(await client.code('+12025550151'));
    expect(outcome(await client.send('POST', '/demo/transfer', body))).toBe('400 token_mismatch');

    const challenge = await client.challenge('verify_email');
    for (const path of ['/demo/transfer', '/demo/session']) {
      const answer = await client.send('POST', path, { challenge_token: challenge });
      expect(outcome(answer)).toBe('400 invalid_challenge_token');
    }
  });

  test('a challenge needs a scope that is text and a step that a code can do', async () => {
    const client = new Client(demo);
    const bad = {
      scope: [7, '', 'x'.repeat(4_000), [], {}],
      step: ['', 'verify_password', 'toString', ['verify_sms'], { toString: 1 }],
      steps: ['verify_sms', [], [7], [''], ['verify_sms', 'verify_sms'], ['completed'], {}],
    };
    for (const [field, values] of Object.entries(bad)) {
      for (const value of values) {
        const answer = await client.send('POST', '/dev/challenge', { [field]: value });
        expect(outcome(answer)).toBe('400 bad_request');
        expect(answer.body.message).toContain(field);
      }
    }
    expect(outcome(await client.send('POST', '/dev/challenge', []))).toBe('200');
  });

  test('a challenge of several steps is confirmed once all are done', async () => {
    const client = new Client(demo);
    const steps = ['verify_sms', 'verify_email'];
    const issued = await client.send('POST', '/dev/challenge', { steps });
    let challenge = issued.body.challenge_token;
    for (const to of [ADA_PHONE, 'ada@example.com']) {
      const refused = await client.send('POST', '/demo/transfer', { challenge_token: challenge });
      expect(outcome(refused)).toBe('400 invalid_challenge_token');
      expect(outcome(await client.create({ challenge_token: challenge }))).toBe('204');
      const { body } = await client.check(await client.code(to), challenge);
      challenge = body.challenge_token;
    }
    const taken = await client.send('POST', '/demo/transfer', { challenge_token: challenge });
    expect(outcome(taken)).toBe('200');
  });

  test('a create with a code challenge starts a session with its verifier alone [J15]', async () => {
    const client = new Client(demo);
    const codeVerifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    await client.create({ ...email('pkce@example.com'), code_challenge: codeChallenge });
    const { body } = await client.check(await client.code('pkce@example.com'));
    const start = (proof: object) => client.send('POST', '/demo/session', { ...body, ...proof });
    expect(outcome(await start({}))).toBe('400 token_mismatch');
    expect(outcome(await start({ code_verifier: codeChallenge }))).toBe('400 token_mismatch');
    expect(outcome(await start({ code_verifier: codeVerifier }))).toBe('200');
  });

  test.each(['/demo/session', '/demo/transfer', '/dev/challenge'])(
    '%s refuses a body that is not JSON without showing a stack',
    async (path) => {
      const response = await fetch(demo.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"challenge_token":',
      });
      expect([response.status, (await response.json()).code]).toEqual([400, 'bad_request']);
    },
  );

  test('foreign headers about the client and its session are ignored', async () => {
    const challenge = await new Client(demo).challenge('verify_email', { 'x-session': 'other' });
    expect(decodeJwt(challenge).sid).toBe('session-of-ada');

    const outcomes = [];
    for (let index = 0; index <= 30; index += 1) {
      const client = new Client(demo, { 'x-forwarded-for': `203.0.113.${index}` });
      outcomes.push(outcome(await client.create(email(`address-${index}@example.com`))));
    }
    expect(outcomes.at(-1)).toBe('403 auth_blocked');
  });
});

describe('OTP_APP_ID', () => {
  const demo = useDemo({ OTP_APP_ID: 'shop-2' });

  test('names the cookie and the audience', async () => {
    const client = new Client(demo);
    await client.create(email('ada@example.com'));
    expect(client.cookie).toMatch(/^__verification-login_shop-2=/);
    const { body } = await client.check(await client.code('ada@example.com'));
    expect(decodeJwt(body.challenge_token)).toMatchObject({
      iss: 'urn:otp-demo:shop-2',
      aud: 'shop-2',
    });
    expect((await client.send('GET', '/demo/config')).body.appId).toBe('shop-2');
  });
});

describe('OTP_SECRET', () => {
  const first = useDemo({ OTP_SECRET: secret });
  const second = useDemo({ OTP_SECRET: secret });
  const stranger = useDemo();

  test('two demos with one secret take each other’s tokens', async () => {
    const [one, two] = [new Client(first), new Client(second)];
    const keys = await one.send('GET', `${MOUNT}/jwks.json`);
    expect((await two.send('GET', `${MOUNT}/jwks.json`)).body).toEqual(keys.body);

    const challenge = await one.challenge();
    expect(outcome(await two.create({ challenge_token: challenge }))).toBe('204');
    const checked = await two.check(await two.code(ADA_PHONE), challenge);
    expect(outcome(checked)).toBe('200');

    const taken = await one.send('POST', '/demo/transfer', checked.body);
    expect(taken.body).toMatchObject({ sub: 'user-ada', scope: 'transfer:create' });
  });

  test('a demo with another secret takes none of them', async () => {
    const other = new Client(stranger);
    const challenge = await new Client(first).challenge();
    const created = await other.create({ challenge_token: challenge });
    expect(outcome(created)).toBe('400 invalid_challenge_token');
    const taken = await other.send('POST', '/demo/transfer', { challenge_token: challenge });
    expect(outcome(taken)).toBe('400 invalid_challenge_token');
  });

  test('a missing secret is warned about, a given one is neither warned about nor shown', () => {
    expect(stranger.output()).toContain('OTP_SECRET is not set');
    expect(first.output()).not.toContain('OTP_SECRET');
    expect(first.output()).not.toContain(secret);
  });
});

describe('OTP_CHALLENGE_ISSUER and OTP_CHALLENGE_JWKS', () => {
  const demo = useDemo(FOREIGN);

  test('a challenge of the issuer is answered with a token of our own', async () => {
    const client = new Client(demo);
    const challenge = await issuer.challenge();
    expect(outcome(await client.create({ challenge_token: challenge }))).toBe('204');
    const { body } = await client.check(await client.code('grace@example.com'), challenge);
    const given = decodeJwt(challenge);
    const answer = decodeJwt(body.challenge_token);
    expect(answer).toMatchObject({
      iss: 'urn:otp-demo:demo',
      sub: 'user-grace',
      challenge_id: given.challenge_id,
      scope_requested: 'payout:create',
      current_step: 'completed',
      amr: ['otp'],
    });
    expect(answer.jti).not.toBe(given.jti);
    expect(answer.steps).toMatchObject([{ key: 'verify_email', done: true }]);
  });

  test('a key that is not in the set signs nothing that counts', async () => {
    const forger = await createForeignIssuer(issuer.name);
    const answer = await new Client(demo).create({ challenge_token: await forger.challenge() });
    expect(outcome(answer)).toBe('400 invalid_challenge_token');
  });

  test('only the demo itself can say that a challenge is completed', async () => {
    const completed = await issuer.challenge({
      sid: 'session-of-ada',
      current_step: 'completed',
      grant_mode: 'step-up',
      scope_requested: 'transfer:create',
    });
    const client = new Client(demo);
    const answer = await client.send('POST', '/demo/transfer', { challenge_token: completed });
    expect(outcome(answer)).toBe('400 invalid_challenge_token');
  });
});

describe('OTP_COUNTRIES', () => {
  const demo = useDemo({ OTP_COUNTRIES: 'US, GB' });

  test('numbers of other countries are refused and get nothing; addresses have no country', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(phone('+33612345678')))).toBe('403 auth_blocked');
    expect(await client.inbox()).toEqual([]);
    expect(outcome(await client.create(phone('+12025550123')))).toBe('204');
    expect(outcome(await client.create(phone('+447400123456')))).toBe('204');
    expect(outcome(await client.create(email('jean@example.fr')))).toBe('204');
  });
});

const BLOCKED = '+33612345678,Mallory@Example.com';

describe('OTP_BLOCKED', () => {
  const demo = useDemo({ OTP_BLOCKED: BLOCKED });

  test('whoever is listed is refused in any spelling, and nobody else', async () => {
    const client = new Client(demo);
    for (const body of [phone('+33612345678'), email('mallory@example.com')]) {
      const answer = await client.create(body);
      expect(outcome(answer)).toBe('403 auth_blocked');
      expect(answer.headers.get('retry-after')).toBeNull();
    }
    expect(client.cookie).toBeUndefined();
    expect(await client.inbox()).toEqual([]);
    expect(outcome(await client.create(phone('+33612345679')))).toBe('204');
  });
});

describe('OTP_ON_BLOCK=silent', () => {
  const demo = useDemo({ OTP_BLOCKED: BLOCKED, OTP_ON_BLOCK: 'silent', OTP_RETRY_INTERVAL: '0' });

  test('who is blocked sees what everybody sees, gets no message, and never verifies', async () => {
    const client = new Client(demo);
    const created = await client.create(phone('+33612345678'));
    expect(outcome(created)).toBe('204');
    expect(created.headers.getSetCookie()[0]).toMatch(/; Max-Age=600$/);
    expect(outcome(await client.retry())).toBe('204');
    const answers = [];
    for (const code of ['000000', '123456', '111111', '654321', '999999']) {
      const answer = await client.check(code);
      answers.push([outcome(answer), answer.body.attempts_left]);
    }
    expect(answers).toEqual([4, 3, 2, 1, 0].map((left) => ['400 bad_check_code', left]));
    expect(client.cookie).toBeUndefined();
    expect(await client.inbox()).toEqual([]);
  });

  test('others get their message and verify', async () => {
    const client = new Client(demo);
    await client.create(email('ada@example.com'));
    expect(outcome(await client.check(await client.code('ada@example.com')))).toBe('200');
  });
});

describe('OTP_FAIL', () => {
  const demo = useDemo({
    OTP_FAIL: '+33612345678,Down@Example.com,+12025550123:retry',
    OTP_RETRY_INTERVAL: '0',
  });

  test('a create that cannot send opens nothing and uses up no limit', async () => {
    const client = new Client(demo);
    for (let count = 0; count < 7; count += 1) {
      expect(outcome(await client.create(phone('+33612345678')))).toBe('500 internal');
    }
    expect(outcome(await client.create(email('down@example.com')))).toBe('500 internal');
    expect(client.cookie).toBeUndefined();
    expect(await client.inbox()).toEqual([]);
  });

  test('with :retry the first message arrives, the second fails, and the first code verifies', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(phone('+12025550123')))).toBe('204');
    expect(outcome(await client.retry())).toBe('500 internal');
    expect(await client.inbox('+12025550123')).toHaveLength(1);
    expect(outcome(await client.check(await client.code('+12025550123')))).toBe('200');
  });
});

describe('OTP_SESSION_HEADER', () => {
  const demo = useDemo({ OTP_SESSION_HEADER: 'X-Session' });

  test('a challenge is good for the session that asked for it and for no other', async () => {
    const mine = new Client(demo, { 'x-session': 'mine' });
    const theirs = { 'x-session': 'theirs' };
    const challenge = await mine.challenge();
    expect(decodeJwt(challenge).sid).toBe('mine');
    const body = { challenge_token: challenge };

    expect(outcome(await mine.create(body, theirs))).toBe('400 token_mismatch');
    expect(outcome(await mine.create(body))).toBe('204');
    const code = await mine.code(ADA_PHONE);
    for (let count = 0; count < 6; count += 1) {
      expect(outcome(await mine.check(code, challenge, theirs))).toBe('400 token_mismatch');
    }
    const checked = await mine.check(code, challenge);
    expect(outcome(checked)).toBe('200');

    const stolen = await mine.send('POST', '/demo/transfer', checked.body, theirs);
    expect(outcome(stolen)).toBe('400 token_mismatch');
    expect(outcome(await mine.send('POST', '/demo/transfer', checked.body))).toBe('200');
  });

  test('a request without the header is the demo user’s own', async () => {
    expect(decodeJwt(await new Client(demo).challenge()).sid).toBe('session-of-ada');
  });
});

describe('OTP_ORIGINS', () => {
  const demo = useDemo({
    OTP_ORIGINS: 'https://app.example.com, https://*.preview.example.com',
    OTP_PUBLIC_URL: 'https://id.example.com/auth/otp',
  });

  test('listed origins, the demo’s own and clients without an origin are served', async () => {
    const own = [demo.url, demo.url.replace('localhost', '127.0.0.1'), 'https://id.example.com'];
    const origins = ['https://app.example.com', 'https://pr-7.preview.example.com', ...own];
    for (const [index, origin] of origins.entries()) {
      const answer = await new Client(demo, { origin }).create(email(`o${index}@example.com`));
      expect([origin, outcome(answer)]).toEqual([origin, '204']);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    }
    expect(outcome(await new Client(demo).create(email('native@example.com')))).toBe('204');
  });

  test('other origins are refused', async () => {
    for (const origin of ['https://evil.example.com', 'http://app.example.com', 'null']) {
      const answer = await new Client(demo, { origin }).create(email('evil@example.com'));
      expect(outcome(answer)).toBe('403 auth_blocked');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a preflight is answered', async () => {
    const client = new Client(demo, {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    const { status, headers } = await client.send('OPTIONS', MOUNT);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toContain('content-type');
  });
});

describe('OTP_TRUST_PROXY', () => {
  const demo = useDemo({ OTP_TRUST_PROXY: 'loopback', ...FOREIGN });

  test('clients are counted by the address that the proxy names', async () => {
    const behind = (address: string) => new Client(demo, { 'x-forwarded-for': address });
    const outcomes = [];
    for (let index = 0; index <= 30; index += 1) {
      const client = behind('198.51.100.9, 203.0.113.7');
      outcomes.push(outcome(await client.create(email(`one-${index}@example.com`))));
    }
    expect(outcomes).toEqual([...Array(30).fill('204'), '403 auth_blocked']);

    const again = await behind('192.0.2.55, 203.0.113.7').create(email('two@example.com'));
    expect(outcome(again)).toBe('403 auth_blocked');
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(outcome(await behind('203.0.113.8').create(email('three@example.com')))).toBe('204');
  });

  test('a DPoP proof is for the scheme that the proxy names', async () => {
    const client = new Client(demo, { 'x-forwarded-proto': 'https' });
    const key = await createDpopKey();
    const challenge = await issuer.challenge({ cnf: { jkt: key.jkt } });
    expect(outcome(await client.create({ challenge_token: challenge }))).toBe('204');
    const code = await client.code('grace@example.com');
    const url = `${demo.url.replace('http:', 'https:')}${MOUNT}/check`;
    const dpop = await key.prove(String(decodeJwt(challenge).jti), url);
    expect(outcome(await client.check(code, challenge, { dpop }))).toBe('200');
  });
});

describe('OTP_PUBLIC_URL', () => {
  const demo = useDemo({ OTP_PUBLIC_URL: 'https://id.example.com/auth/otp/', ...FOREIGN });

  test('a DPoP proof is for the published URL, and a missing or other one counts no try', async () => {
    const client = new Client(demo);
    const [key, otherKey] = [await createDpopKey(), await createDpopKey()];
    const challenge = await issuer.challenge({ cnf: { jkt: key.jkt } });
    const jti = String(decodeJwt(challenge).jti);
    const published = 'https://id.example.com/auth/otp/check';
    expect(outcome(await client.create({ challenge_token: challenge }))).toBe('204');
    const code = await client.code('grace@example.com');

    const wrong = [
      undefined,
      await key.prove(jti, `${demo.url}${MOUNT}/check`),
      await key.prove('another-challenge', published),
      await otherKey.prove(jti, published),
      await key.prove(jti, 'https://id.example.com/auth/otp/retry'),
    ];
    for (const dpop of wrong) {
      const answer = await client.check(code, challenge, dpop === undefined ? {} : { dpop });
      expect(outcome(answer)).toBe('400 token_mismatch');
    }
    const dpop = await key.prove(jti, published);
    const checked = await client.check(code, challenge, { dpop });
    expect(outcome(checked)).toBe('200');
    expect(decodeJwt(checked.body.challenge_token).cnf).toEqual({ jkt: key.jkt });
  });
});

describe('OTP_TRANSPORT', () => {
  const header = useDemo({ OTP_TRANSPORT: 'header' });
  const both = useDemo({ OTP_TRANSPORT: 'both' });
  const withHandle = (handle: string | null) => ({ 'x-verification-token': handle ?? '' });

  test('header carries the handle in a header and in no cookie [K08]', async () => {
    const client = new Client(header);
    const created = await client.create(email('ada@example.com'));
    const handle = created.headers.get('x-verification-token');
    expect(handle).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(created.headers.getSetCookie()).toEqual([]);

    const code = await client.code('ada@example.com');
    client.cookie = `__verification-login_demo=${handle}`;
    expect(outcome(await client.check(code))).toBe('401 unauthorized');
    const status = await client.send('GET', `${MOUNT}/status`, undefined, withHandle(handle));
    expect(status.body).toMatchObject({ flow: 'standalone', attempts_left: 5 });
    expect(outcome(await client.check(code, undefined, withHandle(handle)))).toBe('200');
    expect((await client.send('GET', '/demo/config')).body.transport).toBe('header');
  });

  test('both takes either [K08]', async () => {
    for (const to of ['cookie@example.com', 'header@example.com']) {
      const client = new Client(both);
      const handle = (await client.create(email(to))).headers.get('x-verification-token');
      expect(client.cookie).toBe(`__verification-login_demo=${handle}`);
      const code = await client.code(to);
      if (to === 'cookie@example.com') {
        expect(outcome(await client.check(code))).toBe('200');
      } else {
        client.cookie = undefined;
        expect(outcome(await client.check(code, undefined, withHandle(handle)))).toBe('200');
      }
    }
  });
});

describe('OTP_SAME_SITE', () => {
  const strict = useDemo({ OTP_SAME_SITE: 'strict' });
  const none = useDemo({ OTP_SAME_SITE: 'none' });
  const partitioned = useDemo({ OTP_SAME_SITE: 'partitioned' });

  test('is the attribute of the cookie', async () => {
    const attributes = [];
    for (const demo of [strict, none, partitioned]) {
      const { headers } = await new Client(demo).create(email('ada@example.com'));
      attributes.push(headers.getSetCookie()[0]?.replace(/^.*; Secure; /, ''));
    }
    expect(attributes).toEqual([
      'SameSite=Strict; Max-Age=600',
      'SameSite=None; Max-Age=600',
      'SameSite=None; Max-Age=600; Partitioned',
    ]);
  });
});

describe('OTP_RETRY_INTERVAL', () => {
  const waiting = useDemo({ OTP_RETRY_INTERVAL: '600' });
  const immediate = useDemo({ OTP_RETRY_INTERVAL: '0' });

  test('is the least time between two messages', async () => {
    const client = new Client(waiting);
    await client.create(email('ada@example.com'));
    const retried = await client.retry();
    expect(outcome(retried)).toBe('429 rate_limited');
    const created = await new Client(waiting).create(email('ada@example.com'));
    expect(outcome(created)).toBe('403 auth_blocked');
    for (const { headers } of [retried, created]) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(500);
    }
    expect(await client.inbox()).toHaveLength(1);
    expect((await client.send('GET', '/demo/config')).body.retryIntervalSeconds).toBe(600);
  });

  test('0 waits for nothing; one verification still sends five messages at most, all the same', async () => {
    const client = new Client(immediate);
    const outcomes = [outcome(await client.create(email('ada@example.com')))];
    for (let count = 0; count < 4; count += 1) outcomes.push(outcome(await client.retry()));
    expect(outcomes).toEqual(Array(5).fill('204'));
    const refused = await client.retry();
    expect(outcome(refused)).toBe('429 rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(500);

    const codes = (await client.inbox('ada@example.com')).map(({ code }) => code);
    expect(codes).toEqual(Array(5).fill(codes[0]));
    expect(outcome(await client.check(codes[0] ?? ''))).toBe('200');
  });
});

describe('OTP_LIMITS=off', () => {
  const demo = useDemo({ OTP_LIMITS: 'off' });

  test('lifts what is counted by recipient and address', async () => {
    const client = new Client(demo);
    for (let count = 0; count < 40; count += 1) {
      expect(outcome(await client.create(phone('+12025550123')))).toBe('204');
    }
  });

  test('keeps the tries and the retry interval of a verification', async () => {
    const client = new Client(demo);
    await client.create(email('ada@example.com'));
    expect(outcome(await client.retry())).toBe('429 rate_limited');
    const code = await client.code('ada@example.com');
    const { cookie } = client;
    for (let count = 1; count <= 5; count += 1) {
      expect(outcome(await client.check(wrongCode(code, count)))).toBe('400 bad_check_code');
    }
    client.cookie = cookie;
    expect(outcome(await client.check(code))).toBe('401 unauthorized');
  });

  test('keeps the five creates of a challenge', async () => {
    const client = new Client(demo);
    const challenge = await client.challenge();
    const outcomes = [];
    for (let count = 0; count < 6; count += 1) {
      outcomes.push(outcome(await client.create({ challenge_token: challenge })));
    }
    expect(outcomes).toEqual([...Array(5).fill('204'), '403 auth_blocked']);
  });
});
