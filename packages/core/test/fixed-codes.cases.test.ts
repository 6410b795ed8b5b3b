import { cookieOf, createTestClock, headerValues } from '@otp/testing';
import { answerOf, email, PHONE, phone, setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const REVIEWER = 'reviewer@example.com';
const CODE = '314159';
const DAYS = 30;

function setUpFixed(options: Parameters<typeof setUp>[0] = {}) {
  const testClock = createTestClock();
  const expiresAt = new Date(testClock.now() + DAYS * 86_400_000);
  return setUp({
    testClock,
    fixedCodes: [
      {
        identifier: { type: 'email_address', value: 'Reviewer@Example.com' },
        code: CODE,
        expiresAt,
      },
      { identifier: { type: 'phone_number', value: '+33612345678' }, code: '000000', expiresAt },
    ],
    ...options,
  });
}

describe('a fixed code', () => {
  test.each([
    ['address', email(REVIEWER), CODE],
    ['number', PHONE, '000000'],
  ])('verifies its %s, and nothing is sent, retries included', async (_, body, code) => {
    const t = setUpFixed();
    const cookie = await t.open(body);
    t.clock.advance(30);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect(answerOf(await t.check(cookie, '271828'))).toBe('bad_check_code');
    expect(answerOf(await t.check(cookie, code))).toBe('200');
    expect(t.sender.attempts).toBe(0);
    expect(t.events).toMatchObject([
      { type: 'fixed_code', send: 1 },
      { type: 'fixed_code', send: 2 },
      { type: 'refused', code: 'bad_check_code' },
      { type: 'verified', fixedCode: true },
    ]);
    expect(JSON.stringify(t.events)).not.toContain(code);
  });

  test('that is right counts for no conversion, as nothing was sent', async () => {
    const t = setUpFixed();
    const cookie = await t.open(PHONE);
    const before = t.store.calls.length;
    expect(answerOf(await t.check(cookie, '000000'))).toBe('200');
    expect(t.store.calls.slice(before).map(({ verb }) => verb)).not.toContain('tally');
  });

  test('is answered as any other, in each part of a verification [P02]', async () => {
    const t = setUpFixed();
    const shape = async (body: object, code: () => string) => {
      const created = await t.create(body);
      const cookie = cookieOf(created);
      const wrong = await t.check(cookie, '271828');
      const right = await t.check(cookie, code());
      const answers = [created, wrong, right];
      return answers.map(({ status, headers, body: text }) => ({
        status,
        names: headers.map(([name]) => name),
        text: status === 200 ? Object.keys(JSON.parse(text)) : text,
        cookies: headerValues({ status, headers, body: text }, 'set-cookie').map((each) =>
          each.replace(/=[^;]{43};/, '=;'),
        ),
      }));
    };
    const ordinary = await shape(email('somebody@example.com'), t.code);
    expect(await shape(email(REVIEWER), () => CODE)).toEqual(ordinary);
  });

  test('is held to the limits of its recipient', async () => {
    const t = setUpFixed();
    await t.open(email(REVIEWER));
    expect(answerOf(await t.create(email(REVIEWER)))).toBe('auth_blocked');
  });

  test('has five tries, as any other', async () => {
    const t = setUpFixed();
    const cookie = await t.open(email(REVIEWER));
    for (let count = 0; count < 5; count += 1) await t.check(cookie, '271828');
    expect(answerOf(await t.check(cookie, CODE))).toBe('unauthorized');
  });

  test('does not open another recipient', async () => {
    const t = setUpFixed();
    const cookie = await t.open(email('reviewer+1@example.com'));
    expect(t.sender.attempts).toBe(1);
    expect(answerOf(await t.check(cookie, CODE))).toBe('bad_check_code');
  });

  test('is none in a step-up', async () => {
    const t = setUpFixed({
      findRecipient: () => ({ type: 'phone_number', value: '+33612345678' }),
      session: () => 'session-1',
    });
    const challenge_token = t.challenge();
    const created = await t.create({ challenge_token });
    expect(created.status).toBe(204);
    expect(t.sender.attempts).toBe(1);
    expect(t.code()).not.toBe('000000');
    const cookie = cookieOf(created);
    t.clock.advance(30);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect(t.sender.attempts).toBe(2);
    expect(answerOf(await t.check(cookie, '000000', { challenge_token }))).toBe('bad_check_code');
  });

  test('is over at its date: then the recipient is like any other', async () => {
    const t = setUpFixed();
    t.clock.advance(DAYS * 86_400 - 0.001);
    const before = await t.open(email(REVIEWER));
    expect(t.sender.attempts).toBe(0);
    t.clock.advance(30);
    // It is not sent afterwards either.
    expect(answerOf(await t.retry(before))).toBe('204');
    expect(t.sender.attempts).toBe(0);
    const after = await t.open(email(REVIEWER));
    expect(t.sender.attempts).toBe(1);
    expect(answerOf(await t.check(after, CODE))).toBe('bad_check_code');
    expect(answerOf(await t.check(after, t.code()))).toBe('200');
  });

  test('is not used where codes are of another length', async () => {
    const t = setUpFixed({ loginConfigs: { long: { channel: 'email', codeLength: 8 } } });
    await t.open({ ...email(REVIEWER), login_config_id: 'long' });
    expect(t.code()).toHaveLength(8);
  });

  test('gives way to the policy', async () => {
    const t = setUpFixed({ guard: () => 'block' });
    expect(answerOf(await t.create(phone('+33612345678')))).toBe('auth_blocked');
    const work: Promise<unknown>[] = [];
    const silent = setUpFixed({
      guard: () => 'block',
      onBlock: 'silent',
      waitUntil: (each) => void work.push(each),
    });
    const cookie = await silent.open(email(REVIEWER));
    expect(answerOf(await silent.check(cookie, CODE))).toBe('bad_check_code');
  });
});
