import { describe, expect, test } from 'vitest';
import { createMemoryStore } from './memory-store.js';
import { type OpenRecord, type OtpMessage, SendError, type Sender } from './ports.js';
import { cookieOf, headerValues } from './testing/exchange.js';
import { EMAIL, PHONE } from './testing/scenario.js';
import { newLimit, newRecord } from './testing/store-world.js';
import { answerOf, email, replaceVerbs, setUp, times } from './testing/test-kit.js';
import { createTestClock } from './testing/test-service.js';

const INTERNAL = '{"code":"internal","type":"internal"}';

describe('S06', () => {
  /** As many as the defaults of the memory store admit, less what the test itself opens. */
  const VERIFICATIONS = 100_000;
  const LIMITS = 1_000_000;

  test('S06 a full memory store refuses creates with 500, what lives passes, and ten minutes later there is room', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ now: clock.now });
    const t = setUp({ testClock: clock, store });
    const before = await t.open(EMAIL);
    const codeBefore = t.code();
    for (let count = 0; count < VERIFICATIONS - 2; count += 1) await store.open(newRecord(), []);
    const last = await t.open(PHONE);
    const codeOfLast = t.code();
    for (let count = 0; count < 3; count += 1) {
      const refused = await t.create(email('late@example.com'));
      expect([refused.status, refused.body]).toEqual([500, INTERNAL]);
      expect(headerValues(refused, 'set-cookie')).toEqual([]);
    }
    t.assertEffects({ stored: 2, sent: 2 });
    expect(answerOf(await t.check(before, codeBefore))).toBe('200');
    expect(answerOf(await t.check(last, codeOfLast))).toBe('200');
    clock.advance(599.999);
    expect(answerOf(await t.create(email('late@example.com')))).toBe('internal');
    clock.advance(0.001);
    expect(answerOf(await t.create(email('late@example.com')))).toBe('204');
  }, 30_000);

  test('S06 a memory store that counts too much refuses creates until windows end, and what lives passes', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ now: clock.now });
    const t = setUp({ testClock: clock, store });
    const cookie = await t.open(EMAIL);
    const limit = newLimit({ windowSeconds: 300 });
    for (let count = 0; count < LIMITS; count += 1) {
      await store.charge([{ ...limit, key: `k${count}` }], 'op');
    }
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    t.assertEffects({ stored: 1, sent: 1 });
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
    clock.advance(300);
    expect(answerOf(await t.create(PHONE))).toBe('204');
  }, 30_000);
});

describe('S07', () => {
  const flip = (place: number) => (sealed: string) => {
    const bytes = Buffer.from(sealed, 'base64url');
    const at = Math.trunc(place * (bytes.length - 1));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes.toString('base64url');
  };

  // Wherever version, key id, nonce, text and tag stand.
  const corruptions: [string, (sealed: string) => string][] = [
    ['empty', () => ''],
    ['a word', () => 'constructor'],
    ['cut by half', (sealed) => sealed.slice(0, sealed.length / 2)],
    ['cut by a few bytes', (sealed) => sealed.slice(0, -4)],
    ['cut at its start', (sealed) => sealed.slice(4)],
    ['turned round', (sealed) => [...sealed].reverse().join('')],
    ['with more behind', (sealed) => `${sealed}AAAA`],
    ['not base64url', (sealed) => sealed.replace(/.{20}$/, '!'.repeat(20))],
    ...[0, 0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map(
      (place): [string, (sealed: string) => string] => [`changed at ${place}`, flip(place)],
    ),
  ];

  test.each(corruptions)(
    'S07 a record that is %s is unauthorized with an event, time after time',
    async (_, corrupt) => {
      const clock = createTestClock();
      const memory = createMemoryStore({ now: clock.now });
      const broken = ({ sealed, ...rest }: OpenRecord) => ({ ...rest, sealed: corrupt(sealed) });
      const store = replaceVerbs(memory, {
        async reserveCheck(...args) {
          const reserved = await memory.reserveCheck(...args);
          return reserved.ok ? { ...reserved, record: broken(reserved.record) } : reserved;
        },
        async reserveSend(...args) {
          const reserved = await memory.reserveSend(...args);
          return reserved.ok ? { ...reserved, record: broken(reserved.record) } : reserved;
        },
      });
      const t = setUp({ testClock: clock, store });
      const cookie = await t.open();
      clock.advance(30);
      const answers = [
        await t.check(cookie, t.code()),
        await t.check(cookie, t.code()),
        await t.retry(cookie),
      ];
      expect(answers.map(answerOf)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
      expect(t.events.filter(({ type }) => type === 'unreadable_record')).toHaveLength(3);
      expect(t.events.filter(({ type }) => type === 'fault')).toEqual([]);
      t.assertEffects({ stored: 1, sent: 1 });
    },
  );
});

describe('S11', () => {
  test.each([
    ['says so', () => new SendError('unavailable', 'down')],
    ['fails in any other way', () => new Error('ECONNREFUSED')],
  ])(
    'S11 a create whose every sender %s is internal, without cookie or record, and is given back to its recipient',
    async (_, error) => {
      const t = setUp();
      t.sender.fail(error());
      for (const body of [EMAIL, { challenge_token: t.challenge() }]) {
        // More often than the recipient's budgets: each one is given back, the interval included.
        const answers = [];
        for (let count = 0; count < 12; count += 1) answers.push(await t.create(body));
        expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([INTERNAL]));
        expect(answers.flatMap((answer) => headerValues(answer, 'set-cookie'))).toEqual([]);
      }
      t.assertEffects({ stored: 0, sent: 0 });
      // By then the breaker is open.
      t.sender.fail(undefined);
      t.clock.advance(30);
      await t.open(EMAIL);
      expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    },
  );

  test('S11 what counts the client is not given back, or it could ask a provider without end', async () => {
    const t = setUp();
    // As for a number that a provider refuses: it says nothing about the provider.
    t.sender.fail(new SendError('unavailable', 'not there', { countsForBreaker: false }));
    const answers = [];
    for (let count = 0; count < 40; count += 1) answers.push(answerOf(await t.create(EMAIL)));
    expect(answers.indexOf('auth_blocked')).toBe(30);
    expect(t.sender.attempts).toBe(30);
  });

  test('S11 retries that fail are limited, too, and the old code passes', async () => {
    const t = setUp();
    const cookie = await t.open();
    t.clock.advance(30);
    t.sender.fail(new SendError('unavailable', 'not there', { countsForBreaker: false }));
    const answers = [];
    for (let count = 0; count < 40; count += 1) answers.push(answerOf(await t.retry(cookie)));
    expect(answers.indexOf('rate_limited')).toBe(20);
    expect(t.sender.attempts).toBe(1 + 20);
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
  });

  test('S11 the send budget of a challenge is given back, too', async () => {
    const t = setUp();
    const challenge_token = t.challenge();
    t.sender.fail(new SendError('unavailable', 'down'));
    for (let count = 0; count < 6; count += 1) {
      expect(answerOf(await t.create({ challenge_token }))).toBe('internal');
    }
    t.sender.fail(undefined);
    t.clock.advance(30);
    expect((await t.create({ challenge_token })).status).toBe(204);
  });

  test('S11 a retry whose every sender fails is internal, may be repeated, and the old code passes', async () => {
    const t = setUp();
    const cookie = await t.open();
    t.clock.advance(30);
    t.sender.fail(new SendError('unavailable', 'down'));
    for (let count = 0; count < 6; count += 1) {
      const failed = await t.retry(cookie);
      expect([failed.status, failed.body]).toEqual([500, INTERNAL]);
      expect(headerValues(failed, 'set-cookie')).toEqual([]);
    }
    expect(t.sender.attempts).toBe(1 + 5);
    t.sender.fail(undefined);
    t.clock.advance(30);
    expect((await t.retry(cookie)).status).toBe(204);
    expect(answerOf(await t.retry(cookie))).toBe('rate_limited');
    t.assertEffects({ stored: 1, sent: 2 });
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
  });

  test('S11 a recipient that is refused for good gets nothing back', async () => {
    const t = setUp();
    t.sender.fail(new SendError('rejected', 'no such mailbox'));
    const refused = await t.create(EMAIL);
    expect(answerOf(refused)).toBe('auth_blocked');
    expect(headerValues(refused, 'set-cookie')).toEqual([]);
    t.sender.fail(undefined);
    const limited = await t.create(EMAIL);
    expect(answerOf(limited)).toBe('auth_blocked');
    expect(headerValues(limited, 'retry-after')).toEqual(['30']);
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('S11 a retry to a recipient that is refused for good gives nothing back, and the old code passes', async () => {
    const t = setUp();
    const cookie = await t.open();
    t.clock.advance(30);
    t.sender.fail(new SendError('rejected', 'no such mailbox'));
    expect(answerOf(await t.retry(cookie))).toBe('auth_blocked');
    const limited = await t.retry(cookie);
    expect(answerOf(limited)).toBe('rate_limited');
    expect(headerValues(limited, 'retry-after')).toEqual(['60']);
    for (const seconds of [60, 120, 240]) {
      t.clock.advance(seconds);
      expect(answerOf(await t.retry(cookie))).toBe('auth_blocked');
    }
    t.clock.advance(60);
    expect(answerOf(await t.retry(cookie))).toBe('rate_limited');
    expect(t.sender.attempts).toBe(5);
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
  });

  test('S11 an unknown outcome counts as sent, and the code passes', async () => {
    const codes: string[] = [];
    const sender: Sender = {
      async send({ code }) {
        codes.push(code);
        throw new SendError('unknown', 'cut after the request went out');
      },
    };
    const t = setUp({ channels: { email: { sender } } });
    const created = await t.create(EMAIL);
    expect(created.status).toBe(204);
    expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    expect(answerOf(await t.check(cookieOf(created), codes[0] ?? ''))).toBe('200');
  });
});

describe('S12', () => {
  const failing: [string, (message: OtpMessage) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['rejects with a text', () => Promise.reject('no')],
    ['rejects with nothing', () => Promise.reject()],
    [
      'throws an object',
      () => {
        throw { code: 1 };
      },
    ],
    [
      'rejects twice',
      () =>
        new Promise((_, reject) => {
          reject(new Error('no'));
          reject(new Error('again'));
        }),
    ],
    [
      'rejects, then says that it worked',
      () =>
        new Promise((resolve, reject) => {
          reject(new Error('no'));
          resolve(undefined);
        }),
    ],
  ];

  test.each(failing)('S12 a sender that %s is unavailable', async (_, send) => {
    const t = setUp({ channels: { email: { sender: { send: send as Sender['send'] } } } });
    const created = await t.create(EMAIL);
    expect([created.status, created.body]).toEqual([500, INTERNAL]);
    expect(headerValues(created, 'set-cookie')).toEqual([]);
    t.assertEffects({ stored: 0, sent: 0 });
    expect(t.events.filter(({ type }) => type === 'send_failed')).toHaveLength(1);
  });

  const working: [string, () => unknown][] = [
    ['answers nothing', () => Promise.resolve()],
    ['answers without a promise', () => undefined],
    ['answers null', () => null],
    ['answers an empty object', async () => ({})],
    [
      'answers twice',
      () =>
        new Promise((resolve) => {
          resolve(undefined);
          resolve({ channel: 'sms' });
        }),
    ],
    [
      'answers, then rejects',
      () =>
        new Promise((resolve, reject) => {
          resolve(undefined);
          reject(new Error('late'));
        }),
    ],
  ];

  test.each(working)('S12 a sender that %s has sent', async (_, send) => {
    const t = setUp({ channels: { email: { sender: { send: send as Sender['send'] } } } });
    const created = await t.create(EMAIL);
    expect(created.status).toBe(204);
    cookieOf(created);
    expect(t.store.stored.size).toBe(1);
    expect(t.events.filter(({ type }) => type === 'message_sent')).toHaveLength(1);
  });

  test('S12 a sender that never settles has an unknown outcome within its time, and is told to stop', async () => {
    let signal: AbortSignal | undefined;
    let code = '';
    const sender: Sender = {
      send(message) {
        ({ signal, code } = message);
        return new Promise(() => {});
      },
    };
    const t = setUp({ channels: { email: { sender } } });
    const started = performance.now();
    const created = await t.create(EMAIL);
    // The configured limit is 6 s.
    expect(performance.now() - started).toBeLessThan(18_000);
    expect(created.status).toBe(204);
    expect(signal?.aborted).toBe(true);
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: 'message_sent', outcome: 'unknown' }),
    );
    expect(answerOf(await t.check(cookieOf(created), code))).toBe('200');
  }, 20_000);

  test('S12 a sender that fails behind the answer is given back and reported, and rejects nowhere', async () => {
    const work: Promise<unknown>[] = [];
    const t = setUp({ waitUntil: (each) => void work.push(each) });
    t.sender.fail('no');
    expect((await t.create(EMAIL)).status).toBe(204);
    await Promise.all(work);
    t.assertEffects({ stored: 1, sent: 0 });
    expect(times(work.length, () => 1)).toEqual([1]);
    t.sender.fail(undefined);
    expect((await t.create(EMAIL)).status).toBe(204);
  });
});
