import { cookieOf, createTestClock, headerValues } from '@otp/testing';
import {
  answerOf,
  EMAIL,
  email,
  newLimit,
  newRecord,
  PHONE,
  replaceVerbs,
  setUp,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';
import { type OpenRecord, SendError, type Sender } from '../src/lib/ports.js';

const INTERNAL = '{"code":"internal","type":"internal"}';

describe('S06', () => {
  /** As many as the defaults of the memory store admit, less what the test itself opens. */
  const VERIFICATIONS = 100_000;
  const LIMITS = 1_000_000;

  test('a full memory store refuses creates with 500, what lives passes, and ten minutes later there is room [S06]', async () => {
    const clock = createTestClock();
    const store = createMemoryStore({ now: clock.now });
    const t = setUp({ testClock: clock, store });
    const before = await t.open(EMAIL);
    const codeBefore = t.code();
    for (let count = 0; count < VERIFICATIONS - 2; count += 1)
      await store.open(newRecord(), [], []);
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

  test('a memory store that counts too much refuses creates until windows end, and what lives passes [S06]', async () => {
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
    'a record that is %s is unauthorized with an event, time after time [S07]',
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
      expect(t.events.slice(1)).toMatchObject(
        ['check', 'check', 'retry'].map((route) => ({
          type: 'refused',
          route,
          reason: expect.stringMatching(/^record_(?:corrupt|retired)$/),
        })),
      );
      t.assertEffects({ stored: 1, sent: 1 });
    },
  );
});

describe('S11', () => {
  test('a retry to a recipient that is refused for good gives nothing back, and the old code passes [S11]', async () => {
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
});

describe('S12', () => {
  test('a sender that never settles has an unknown outcome within its time, and is told to stop [S12]', async () => {
    let signal: AbortSignal | undefined;
    let code = '';
    const sender: Sender = {
      send(message) {
        ({ signal, code } = message);
        return new Promise(() => {});
      },
    };
    const t = setUp({ channels: { email: { sender } }, sendTimeoutMs: 200 });
    const started = performance.now();
    const created = await t.create(EMAIL);
    expect(performance.now() - started).toBeLessThan(600);
    expect(created.status).toBe(204);
    expect(signal?.aborted).toBe(true);
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: 'message_sent', outcome: 'unknown' }),
    );
    expect(answerOf(await t.check(cookieOf(created), code))).toBe('200');
  });
});
