import { afterEach, describe, expect, test, vi } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { handle } from './handle.js';
import { createMemoryStore } from './memory-store.js';
import { toOtpRequest } from './testing/direct.js';
import { cookieOf, headerValues, post } from './testing/exchange.js';
import { EMAIL, PHONE } from './testing/scenario.js';
import {
  answerOf,
  email,
  phone,
  replaceVerbs,
  setUp,
  type TestKit,
  tally,
  times,
  UNLIMITED,
} from './testing/test-kit.js';
import { createTestClock } from './testing/test-service.js';

describe('R01', () => {
  test('R01 GoTrue #2819 of 10,000 wrong codes in a row five are evaluated, then none, not even the right one', async () => {
    const t = setUp();
    const cookie = await t.open();
    const right = Number(t.code());
    const answers: Record<string, number> = {};
    for (let n = 0; n < 10_000; n += 1) {
      const code = String((right + 1 + n) % 1_000_000).padStart(6, '0');
      const answer = answerOf(await t.check(cookie, code));
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
    expect(answers).toEqual({ bad_check_code: 5, unauthorized: 9_995 });
    expect(answerOf(await t.check(cookie, t.code()))).toBe('unauthorized');
    t.assertEffects({ stored: 1, sent: 1 });
  });
});

describe('R02', () => {
  test('R02 better-auth #8067 of 1,000 checks at once with the right code one succeeds, in 200 rounds', async () => {
    for (let round = 0; round < 200; round += 1) {
      const t = setUp();
      const cookie = await t.open();
      const responses = await Promise.all(times(1000, () => t.check(cookie, t.code())));
      expect(tally(responses)).toEqual({ '200': 1, unauthorized: 999 });
      t.assertEffects({ stored: 1, sent: 1 });
    }
  }, 120_000);

  test('R02 in step-up, too, and with two verifications of one challenge', async () => {
    const t = setUp();
    const challenge_token = t.challenge();
    const first = await t.open({ challenge_token });
    const firstCode = t.code();
    t.clock.advance(30);
    const second = await t.open({ challenge_token });
    const secondCode = t.code();
    const responses = await Promise.all(
      times(200, (n) =>
        n % 2 === 0
          ? t.check(first, firstCode, { challenge_token })
          : t.check(second, secondCode, { challenge_token }),
      ),
    );
    expect(tally(responses)['200']).toBe(1);
  });
});

describe('R03', () => {
  test('R03 of 1,000 wrong codes at once five are evaluated', async () => {
    const t = setUp();
    const cookie = await t.open();
    const responses = await Promise.all(times(1000, () => t.check(cookie, t.wrongCode())));
    expect(tally(responses)).toEqual({ bad_check_code: 5, unauthorized: 995 });
    const left = responses.flatMap(({ body }) => JSON.parse(body).attempts_left ?? []);
    expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test.each([0, 3, 4, 5, 500, 999])(
    'R03 with the right code at place %i among 999 wrong ones at most five are evaluated',
    async (place) => {
      const t = setUp();
      const cookie = await t.open();
      const responses = await Promise.all(
        times(1000, (n) => t.check(cookie, n === place ? t.code() : t.wrongCode())),
      );
      const { '200': right = 0, bad_check_code: wrong = 0 } = tally(responses);
      expect(right).toBeLessThanOrEqual(1);
      expect(right + wrong).toBeLessThanOrEqual(5);
    },
  );
});

describe('R04', () => {
  /** Wrong for every verification. */
  function codeBeside({ sender }: TestKit): string {
    const sent = sender.messages.map(({ code }) => code);
    const unsent = times(sent.length + 1, (n) => String(n).padStart(6, '0'));
    return unsent.find((code) => !sent.includes(code)) ?? '';
  }

  test('R04 AuthQuake 50 verifications of one recipient at once stay within the send budget', async () => {
    const t = setUp({ retryIntervalSeconds: 0 });
    const created = await Promise.all(times(50, () => t.create(EMAIL)));
    expect(tally(created)).toEqual({ '204': 5, auth_blocked: 45 });
    t.assertEffects({ stored: 5, sent: 5 });
    const cookies = created.filter(({ status }) => status === 204).map(cookieOf);
    const wrong = codeBeside(t);
    const guesses = await Promise.all(
      cookies.flatMap((cookie) => times(20, () => t.check(cookie, wrong))),
    );
    expect(tally(guesses)).toEqual({ bad_check_code: 25, unauthorized: 75 });
  });

  test('R04 the verifications of one challenge share five guesses', async () => {
    const t = setUp({ retryIntervalSeconds: 0 });
    const challenge_token = t.challenge();
    const created = await Promise.all(times(50, () => t.create({ challenge_token })));
    expect(tally(created)).toEqual({ '204': 5, auth_blocked: 45 });
    const cookies = created.filter(({ status }) => status === 204).map(cookieOf);
    const wrong = codeBeside(t);
    const guesses = await Promise.all(
      cookies.map((cookie) => t.check(cookie, wrong, { challenge_token })),
    );
    expect(tally(guesses)).toEqual({ bad_check_code: 5 });
    const more = await Promise.all(
      cookies.flatMap((cookie, index) => [
        t.check(cookie, wrong, { challenge_token }),
        t.check(cookie, t.sender.messages[index]?.code ?? '', { challenge_token }),
      ]),
    );
    expect(tally(more)).toEqual({ rate_limited: 10 });
  });
});

describe('R05', () => {
  test('R05 a stranger who knows the recipient cannot use up tries, end the verification or read anything', async () => {
    const t = setUp();
    const owners = await t.open(EMAIL);
    const code = t.code();
    const refused = await t.create(EMAIL);
    expect(answerOf(refused)).toBe('auth_blocked');
    expect(refused.body).not.toContain('user@example.com');
    t.clock.advance(30);
    const strangers = await t.open(EMAIL);
    await Promise.all(times(20, () => t.check(strangers, t.wrongCode())));
    await Promise.all(times(20, () => t.check(undefined, t.wrongCode())));
    const wrong = await t.check(owners, code === '000000' ? '111111' : '000000');
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
    expect(answerOf(await t.check(owners, code))).toBe('200');
  });

  test('R05 a stranger sees the same whether a recipient has a live verification or was never seen', async () => {
    const t = setUp();
    await t.open(EMAIL);
    t.clock.advance(30);
    const known = await t.create(EMAIL);
    const unknown = await t.create(email('nobody@example.com'));
    const seen = ({ status, headers, body }: typeof known) => ({
      status,
      body,
      headers: headers.map(([name, value]) => [name, value.replace(/=[^;]{43};/, '=T;')]),
    });
    expect(seen(known)).toEqual(seen(unknown));
    const guess = { code: t.wrongCode() };
    const answers = [
      await t.exchange(post('/check', { ...guess, ...EMAIL })),
      await t.exchange(post('/retry', EMAIL)),
      await t.check('__verification-login_app=user@example.com', guess.code),
    ];
    expect(tally(answers)).toEqual({ unauthorized: 3 });
  });

  test('R05 R11 a stranger at the standalone flow does not use up what a signed-in user needs', async () => {
    const t = setUp();
    for (let sent = 0; sent < 5; sent += 1) {
      await t.open(PHONE);
      t.clock.advance(30);
    }
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    expect((await t.create({ challenge_token: t.challenge() })).status).toBe(204);
  });
});

describe('R06', () => {
  test.each([1, 2, 3, 4])(
    'R06 the right code passes with %i wrong ones in flight before it',
    async (count) => {
      const t = setUp();
      const cookie = await t.open();
      const wrong = times(count, () => t.check(cookie, t.wrongCode()));
      const right = t.check(cookie, t.code());
      expect(tally(await Promise.all([...wrong, right]))).toEqual({
        '200': 1,
        bad_check_code: count,
      });
    },
  );
});

describe('R07', () => {
  test('R07 a retry sends the same code and leaves tries and end of life as they are', async () => {
    const t = setUp();
    const cookie = await t.open();
    const expiresAt = t.sender.messages[0]?.expiresAt;
    await t.check(cookie, t.wrongCode());
    await t.check(cookie, t.wrongCode());
    t.clock.advance(300);
    expect((await t.retry(cookie)).status).toBe(204);
    const [first, again] = t.sender.messages;
    expect(again?.code).toBe(first?.code);
    expect(again?.to).toBe(first?.to);
    expect(again?.expiresAt).toEqual(expiresAt);
    expect(again?.idempotencyKey).not.toBe(first?.idempotencyKey);
    const wrong = await t.check(cookie, t.wrongCode());
    expect(JSON.parse(wrong.body)).toMatchObject({ attempts_left: 2 });
    t.clock.advance(300);
    expect(answerOf(await t.check(cookie, t.code()))).toBe('unauthorized');
    t.assertEffects({ stored: 1, sent: 2 });
  });

  test('R07 of 100 retries at once one sends', async () => {
    const t = setUp();
    const cookie = await t.open();
    t.clock.advance(30);
    const responses = await Promise.all(times(100, () => t.retry(cookie)));
    expect(tally(responses)).toEqual({ '204': 1, rate_limited: 99 });
    const waits = responses.flatMap((response) => headerValues(response, 'retry-after'));
    expect(new Set(waits)).toEqual(new Set(['60']));
    t.assertEffects({ stored: 1, sent: 2 });
  });
});

describe('R08', () => {
  test.each([
    ['address', EMAIL],
    ['number', PHONE],
  ])(
    'R08 better-auth #11181 of two creates for one %s at once one sends, the other is limited',
    async (_, body) => {
      const t = setUp();
      const responses = await Promise.all([t.create(body), t.create(body)]);
      expect(tally(responses)).toEqual({ '204': 1, auth_blocked: 1 });
      const [loser] = responses.filter(({ status }) => status === 403);
      expect(loser && headerValues(loser, 'retry-after')).toEqual(['30']);
      expect(loser && headerValues(loser, 'set-cookie')).toEqual([]);
      t.assertEffects({ stored: 1, sent: 1 });
    },
  );
});

describe('R09', () => {
  /** A challenge token outlives the verification. */
  async function openBy(flow: 'standalone' | 'step-up') {
    const t = setUp();
    const exp = t.clock.now() / 1000 + 3600;
    const more = flow === 'step-up' ? { challenge_token: t.challenge({ exp }) } : {};
    const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
    return { t, cookie, check: () => t.check(cookie, t.code(), more) };
  }

  test.each(['standalone', 'step-up'] as const)(
    'R09 a %s check passes at 599.999 s, with a retry in between',
    async (flow) => {
      const { t, cookie, check } = await openBy(flow);
      t.clock.advance(599.998);
      expect((await t.retry(cookie)).status).toBe(204);
      t.clock.advance(0.001);
      expect(answerOf(await check())).toBe('200');
    },
  );

  test.each(['standalone', 'step-up'] as const)(
    'R09 a %s check at 600 s is unauthorized, and so is a retry',
    async (flow) => {
      const { t, cookie, check } = await openBy(flow);
      t.clock.advance(600);
      expect(answerOf(await check())).toBe('unauthorized');
      expect(answerOf(await t.retry(cookie))).toBe('unauthorized');
      t.assertEffects({ stored: 1, sent: 1 });
    },
  );

  test.each([-300, 300])(
    'R09 the clock of the store decides, with the app %i s off',
    async (off) => {
      const storeClock = createTestClock();
      const appClock = createTestClock(storeClock.now() + off * 1000);
      const t = setUp({ testClock: appClock, store: createMemoryStore({ now: storeClock.now }) });
      const early = await t.open(EMAIL);
      const earlyCode = t.code();
      const late = await t.open(PHONE);
      storeClock.advance(599.999);
      expect(answerOf(await t.check(early, earlyCode))).toBe('200');
      storeClock.advance(0.001);
      expect(answerOf(await t.check(late, t.code()))).toBe('unauthorized');
    },
  );
});

describe('R10', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(['standalone', 'step-up'])(
    'R10 a signer that fails at a %s check uses nothing up',
    async (flow) => {
      const t = setUp();
      const more = flow === 'step-up' ? { challenge_token: t.challenge() } : {};
      const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
      vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
      const failed = await t.check(cookie, t.code(), more);
      expect(failed.status).toBe(500);
      expect(failed.body).toBe('{"code":"internal","type":"internal"}');
      vi.restoreAllMocks();
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('200');
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('unauthorized');
    },
  );

  test.each([
    [4, '200'],
    [5, 'unauthorized'],
  ])('R10 after %i signatures that failed the right code is answered %s', async (count, answer) => {
    const t = setUp();
    const cookie = await t.open();
    vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
    const failed = [];
    for (let done = 0; done < count; done += 1) failed.push(await t.check(cookie, t.code()));
    expect(tally(failed)).toEqual({ internal: count });
    vi.restoreAllMocks();
    expect(answerOf(await t.check(cookie, t.code()))).toBe(answer);
  });

  test('R10 a claim whose reply is lost and that is repeated is one success', async () => {
    const clock = createTestClock();
    const memory = createMemoryStore({ now: clock.now });
    const store = replaceVerbs(memory, {
      async claim(id, op) {
        await memory.claim(id, op);
        return memory.claim(id, op);
      },
    });
    const t = setUp({ testClock: clock, store });
    const cookie = await t.open();
    const responses = await Promise.all(times(5, () => t.check(cookie, t.code())));
    expect(tally(responses)).toEqual({ '200': 1, unauthorized: 4 });
  });
});

describe('R11', () => {
  const limits = UNLIMITED;

  async function guessWrong(t: TestKit, body: object, count: number) {
    for (let done = 0; done < count; done += 5) {
      const cookie = cookieOf(await t.create(body));
      const wrong = t.wrongCode();
      expect(tally(await Promise.all(times(5, () => t.check(cookie, wrong))))).toEqual({
        bad_check_code: 5,
      });
    }
  }

  test('R11 after 100 wrong codes in a row a recipient gets no more, until a live verification succeeds', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    const owners = await t.open(EMAIL);
    const code = t.code();
    await guessWrong(t, EMAIL, 95);
    expect((await t.create(EMAIL)).status).toBe(204);
    await guessWrong(t, EMAIL, 5);
    const { length } = t.sender.messages;
    expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    expect(answerOf(await t.create(email('other@example.com')))).toBe('204');
    t.assertEffects({ stored: length + 1, sent: length + 1 });
    expect(answerOf(await t.check(owners, code))).toBe('200');
    expect((await t.create(EMAIL)).status).toBe(204);
  });

  test('R11 the block outlasts the windows of other limits, and resetLimits lifts it', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    await guessWrong(t, EMAIL, 100);
    t.clock.advance(7 * 24 * 3600);
    expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    await t.service.resetLimits({ type: 'email_address', value: 'User@Example.com' });
    expect((await t.create(EMAIL)).status).toBe(204);
  });

  test('R11 a success between them starts the count anew', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    await guessWrong(t, EMAIL, 95);
    expect(answerOf(await t.check(await t.open(EMAIL), t.code()))).toBe('200');
    await guessWrong(t, EMAIL, 95);
    expect((await t.create(EMAIL)).status).toBe(204);
  });

  test('R11 wrong codes of strangers do not block the step-up of the recipient', async () => {
    const t = setUp({ retryIntervalSeconds: 0, limits });
    await guessWrong(t, PHONE, 100);
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('200');
  });
});

describe('R12', () => {
  /** One create for each address; a limit of two for each client. */
  async function createFrom(addresses: readonly (string | undefined)[]): Promise<string[]> {
    const t = setUp({
      limits: { recipient: UNLIMITED.recipient, clientAddress: [{ max: 2, windowSeconds: 600 }] },
    });
    const answers: string[] = [];
    for (const [index, clientAddress] of addresses.entries()) {
      const request = toOtpRequest(post('/', email(`user${index}@example.com`)));
      const { status, body } = await handle(t.service, { ...request, clientAddress });
      answers.push(answerOf({ status, headers: [], body: body ?? '' }));
    }
    const sent = answers.filter((answer) => answer === '204').length;
    t.assertEffects({ stored: sent, sent });
    return answers;
  }

  test.each([
    [['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:3:4:5:6']],
    [['2001:DB8:0:0::1', '2001:db8::2%eth0', '[2001:db8::3]:443']],
    [['203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9:8080']],
    [['::ffff:cb00:7109', '[::FFFF:203.0.113.9]:1', '::ffff:203.0.113.9%eth0']],
    [[undefined, undefined, undefined]],
    [[undefined, '', 'not an address']],
  ])('R12 CVE-2026-45364 %j are one client', async (addresses) => {
    expect(await createFrom(addresses)).toEqual(['204', '204', 'auth_blocked']);
  });

  test.each([
    [['2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:1:4::1']],
    [['203.0.113.9', '203.0.113.10', '::ffff:203.0.113.11']],
    [['::1', '203.0.113.9', undefined]],
  ])('R12 %j are three clients', async (addresses) => {
    expect(await createFrom([...addresses, ...addresses])).toEqual(times(6, () => '204'));
  });
});

describe('R03, R08 over two processes', () => {
  test('R03 tries are counted by the store, whichever process evaluates them', async () => {
    const keys = generateKeys();
    const one = setUp(keys);
    const two = setUp({ ...keys, testClock: one.clock, store: one.store });
    const cookie = await one.open(EMAIL);
    const responses = await Promise.all(
      times(100, (n) => (n % 2 === 0 ? one : two).check(cookie, one.wrongCode())),
    );
    expect(tally(responses)).toEqual({ bad_check_code: 5, unauthorized: 95 });
  });

  test('R08 one recipient is limited by the store, whichever process is asked', async () => {
    const keys = generateKeys();
    const one = setUp(keys);
    const two = setUp({ ...keys, testClock: one.clock, store: one.store });
    const body = phone('+33612345678');
    expect(tally(await Promise.all([one.create(body), two.create(body)]))).toEqual({
      '204': 1,
      auth_blocked: 1,
    });
    expect(one.sender.messages.length + two.sender.messages.length).toBe(1);
  });
});
