import { type PostOptions, post } from '@otp/testing';
import { answerOf, EMAIL, setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const ORIGINS = { origins: ['https://app.example.com'] };
const FOREIGN: PostOptions = { headers: [['origin', 'https://evil.example']] };
const COOKIE = `__verification-login_app=${'A'.repeat(43)}`;

/** What a request with two faults or more is answered: the contract's order of looking. */
describe('of several faults the first in the order of the contract answers', () => {
  test('the path, then the method, then the origin', async () => {
    const t = setUp(ORIGINS);
    const unknown = await t.exchange({ ...post('/nope', EMAIL, FOREIGN), method: 'GET' });
    expect(unknown.status).toBe(404);
    const method = await t.exchange({ ...post('/', EMAIL, FOREIGN), method: 'PUT' });
    expect(method.status).toBe(405);
  });

  test('the origin before the content type, that before the body', async () => {
    const t = setUp(ORIGINS);
    const origin = await t.create('{', { ...FOREIGN, contentType: 'text/plain' });
    expect(answerOf(origin)).toBe('auth_blocked');
    const type = await t.create('x'.repeat(9000), { contentType: 'text/plain' });
    expect(JSON.parse(type.body).message).toMatch(/^content-type/);
    const size = await t.create('x'.repeat(9000));
    expect(JSON.parse(size.body).message).toMatch(/at most 8192 bytes$/);
  });

  test('the members before the challenge token, that before the recipient beside it', async () => {
    const t = setUp();
    const members = await t.create({
      challenge_token: 'x',
      identifier: { type: 'email_address', value: 'x' },
    });
    expect(answerOf(members)).toBe('bad_request');
    const config = await t.create({ challenge_token: 'x', login_config_id: 'unknown' });
    expect(answerOf(config)).toBe('bad_request');
    const token = await t.create({ challenge_token: t.challenge({ exp: 1 }), ...EMAIL });
    expect(answerOf(token)).toBe('expired_challenge_token');
  });

  test('at check the members before the cookie, that before the challenge token', async () => {
    const t = setUp();
    expect(answerOf(await t.check(undefined, 'x'))).toBe('bad_request');
    expect(answerOf(await t.check(COOKIE, ''))).toBe('bad_request');
    expect(answerOf(await t.check(undefined, '123456', { challenge_token: 'x' }))).toBe(
      'unauthorized',
    );
    const shown = await t.check(COOKIE, '123456', { challenge_token: 'x' });
    expect(answerOf(shown)).toBe('invalid_challenge_token');
  });

  test('at check the challenge token by itself, then the verification, then the two together', async () => {
    const t = setUp();
    const challenge_token = t.challenge({ exp: t.clock.now() / 1000 + 3600 });
    const cookie = await t.open({ challenge_token });
    const wrong = t.wrongCode();
    const other = t.challenge({ exp: t.clock.now() / 1000 + 3600 });
    expect(answerOf(await t.check(cookie, wrong, { challenge_token: other }))).toBe(
      'token_mismatch',
    );
    t.clock.advance(600);
    expect(answerOf(await t.check(cookie, wrong, { challenge_token: other }))).toBe('unauthorized');
    expect(answerOf(await t.check(cookie, wrong))).toBe('unauthorized');
    const invalid = await t.check(cookie, wrong, { challenge_token: 'x' });
    expect(answerOf(invalid)).toBe('invalid_challenge_token');
  });

  test('policy before limits', async () => {
    let verdict: 'allow' | 'block' = 'allow';
    const t = setUp({ guard: () => verdict });
    await t.open(EMAIL);
    verdict = 'block';
    const blocked = await t.create(EMAIL);
    expect(answerOf(blocked)).toBe('auth_blocked');
    expect(blocked.headers.map(([name]) => name)).not.toContain('retry-after');
  });

  test('limits before the code', async () => {
    const t = setUp({ limits: { userFailures: { max: 1, windowSeconds: 600 } } });
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const check = (code: string) => t.check(cookie, code, { challenge_token });
    expect(answerOf(await check(t.wrongCode()))).toBe('bad_check_code');
    expect(answerOf(await check(t.code()))).toBe('rate_limited');
  });
});

describe('the channel that was really used', () => {
  test.each([
    ['sms', ['otp', 'sms']],
    ['whatsapp', ['otp']],
  ] as const)('%s is what the token says', async (channel, amr) => {
    let code = '';
    const sender = {
      async send(message: { code: string }) {
        ({ code } = message);
        return { channel };
      },
    };
    const t = setUp({ channels: { sms: { sender, countries: 'ALL' } } });
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const { body } = await t.check(cookie, code, { challenge_token });
    const payload = JSON.parse(body).challenge_token.split('.')[1];
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).amr).toEqual(amr);
  });
});
