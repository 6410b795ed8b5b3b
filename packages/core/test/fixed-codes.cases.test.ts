import { cookieOf, createTestClock, createTestSender, headerValues } from '@otp/testing';
import { answerOf, email, PHONE, phone, type ScenarioOptions, setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const REVIEWER = 'reviewer@example.com';
const CODE = '314159';
const DAYS = 30;

function setUpFixed(options: ScenarioOptions = {}) {
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
  ])('verifies its %s without any message, retries included', async (_, body, code) => {
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

  test('counts for no conversion, since nothing was sent', async () => {
    const t = setUpFixed();
    const cookie = await t.open(PHONE);
    expect(answerOf(await t.check(cookie, '000000'))).toBe('200');
    expect(t.store.calls.map(({ verb }) => verb)).not.toContain('recordSend');
    const completed = t.store.calls.find(({ verb }) => verb === 'complete');
    expect(completed?.args[1]).toMatchObject({ tallies: [] });
  });

  test('gets the same responses as a random code [P02]', async () => {
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

  test('is subject to the limits of its recipient', async () => {
    const t = setUpFixed();
    await t.open(email(REVIEWER));
    expect(answerOf(await t.create(email(REVIEWER)))).toBe('auth_blocked');
  });

  test('has five guesses, like any other code', async () => {
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

  test('is not used in a step-up', async () => {
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

  test('is over at its date: after that the recipient is like any other', async () => {
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

  test('is not used where codes have another length', async () => {
    const t = setUpFixed({ loginConfigs: { long: { channel: 'email', codeLength: 8 } } });
    await t.open({ ...email(REVIEWER), login_config_id: 'long' });
    expect(t.code()).toHaveLength(8);
  });

  test('does not override the guard', async () => {
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

describe('a fixed code for a number that is reserved for fiction', () => {
  const RESERVED = phone('+447700900123');

  function setUpReserved(options: ScenarioOptions = {}) {
    const testClock = createTestClock();
    return setUp({
      testClock,
      fixedCodes: [
        {
          identifier: { type: 'phone_number', value: '+447700900123' },
          code: CODE,
          expiresAt: new Date(testClock.now() + DAYS * 86_400_000),
        },
      ],
      ...options,
    });
  }

  test('verifies the number, retries included, in a session that the host consumes', async () => {
    const t = setUpReserved();
    const cookie = await t.open(RESERVED);
    t.clock.advance(30);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    const checked = await t.check(cookie, CODE);
    const { challenge_token } = JSON.parse(checked.body);
    expect(await t.service.consumeSessionStart(challenge_token)).toMatchObject({
      ok: true,
      identifier: { type: 'phone_number', value: '+447700900123' },
    });
    expect(t.sender.attempts).toBe(0);
  });

  test('is served whatever countries are, and passes the guard without a country', async () => {
    const seen: unknown[] = [];
    const sender = createTestSender();
    const t = setUpReserved({
      channels: { sms: { sender, countries: ['FR'] } },
      guard: ({ identifier, country }) => {
        seen.push([identifier, country]);
        return 'allow';
      },
    });
    await t.open(RESERVED);
    expect(seen).toEqual([[{ type: 'phone_number', value: '+447700900123' }, undefined]]);
  });

  test('does not open other reserved numbers', async () => {
    const t = setUpReserved();
    expect(answerOf(await t.create(phone('+447700900124')))).toBe('bad_request');
    expect(answerOf(await t.create(phone('+4407700900123')))).toBe('bad_request');
  });

  test('does not let the number pass as an e-mail address', async () => {
    const t = setUpReserved();
    expect(answerOf(await t.create(email('+447700900123')))).toBe('bad_request');
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('is over at its date: after that the number is refused', async () => {
    const t = setUpReserved();
    t.clock.advance(DAYS * 86_400);
    expect(answerOf(await t.create(RESERVED))).toBe('bad_request');
  });

  test('is refused where codes have another length: no message goes to the number', async () => {
    const t = setUpReserved({ loginConfigs: { long: { channel: 'sms', codeLength: 8 } } });
    const created = await t.create({ ...RESERVED, login_config_id: 'long' });
    expect(answerOf(created)).toBe('bad_request');
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('does not make the number acceptable in a step-up', async () => {
    const identifier = { type: 'phone_number', value: '+447700900123' } as const;
    const t = setUpReserved({ findRecipient: () => identifier });
    const challenge_token = t.challenge({ identifier: undefined });
    expect(answerOf(await t.create({ challenge_token }))).toBe('auth_blocked');
    expect(answerOf(await t.create({ challenge_token, ...RESERVED }))).toBe('bad_request');
    expect(t.sender.attempts).toBe(0);
  });

  test('has limits, which the host can reset', async () => {
    const t = setUpReserved();
    await t.open(RESERVED);
    expect(answerOf(await t.create(RESERVED))).toBe('auth_blocked');
    await t.service.resetLimits({ type: 'phone_number', value: '+447700900123' });
    await t.open(RESERVED);
  });
});
