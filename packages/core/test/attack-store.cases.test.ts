// What an attack from outside has found about stores that others write to or that misbehave, each with the mend that it led to.
import { serviceOptions } from '@otp/test/service-options';
import { cookieOf, createTestClock, createTestSender, post } from '@otp/testing';
import {
  answerOf,
  decodePayload,
  directExchange,
  EMAIL,
  PHONE,
  rejectionsDuring,
  replaceVerbs,
  setUp,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';
import type { OtpStore } from '../src/lib/ports.js';
import { createOtpService } from '../src/lib/service.js';

describe('whoever can write to the store', () => {
  const OTHER = { identifier: { type: 'email_address', value: 'thief@example.com' } };

  test('cannot make a verification of their own one of somebody’s challenge [S09]', async () => {
    const clock = createTestClock();
    const memory = createMemoryStore({ now: clock.now });
    let binding: string | null = null;
    const store = replaceVerbs(memory, {
      open(record, ...rest) {
        binding ??= record.binding;
        return memory.open({ ...record, binding }, ...rest);
      },
    });
    const t = setUp({ store, testClock: clock });
    const challenge_token = t.challenge();
    await t.create({ challenge_token });
    const cookie = cookieOf(await t.create(OTHER));
    const checked = await t.check(cookie, t.code(), { challenge_token });
    expect(answerOf(checked)).toBe('unauthorized');
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: 'refused', reason: 'record_corrupt' }),
    );
  });
});

describe('the channel of a record, which is not sealed', () => {
  test.each([
    ['email', PHONE, ['otp', 'sms']],
    ['sms', EMAIL, ['otp']],
  ] as const)(
    'as %s is not signed for a recipient that it cannot have reached [S09]',
    async (channel, body, amr) => {
      const clock = createTestClock();
      const memory = createMemoryStore({ now: clock.now });
      const store = replaceVerbs(memory, {
        async reserveCheck(...args) {
          const reserved = await memory.reserveCheck(...args);
          return reserved.ok ? { ...reserved, record: { ...reserved.record, channel } } : reserved;
        },
      });
      const t = setUp({ store, testClock: clock });
      const cookie = cookieOf(await t.create(body));
      const checked = await t.check(cookie, t.code());
      expect(decodePayload(JSON.parse(checked.body).challenge_token)).toMatchObject({ amr });
    },
  );
});

describe('a store that throws at once', () => {
  const atOnce = () => {
    throw new Error('at once');
  };
  const late = () => Promise.reject(new Error('late'));

  /** Not by `setUp`, whose store turns what is thrown into rejections. */
  function serve(store: OtpStore) {
    const sender = createTestSender();
    const channels = { sms: { sender, countries: 'ALL' } } as const;
    const exchange = directExchange(createOtpService({ ...serviceOptions(), store, channels }));
    return { exchange, sender };
  }

  test.each([atOnce, late])('at open, a create is internal [S12]', async (open) => {
    const { exchange } = serve(replaceVerbs(createMemoryStore(), { open }));
    const rejections = await rejectionsDuring(async () => {
      expect(answerOf(await exchange(post('/', PHONE)))).toBe('internal');
    });
    expect(rejections).toEqual([]);
  });

  test.each([atOnce, late])('at recordSend, a create succeeds [S12]', async (recordSend) => {
    const { exchange } = serve(replaceVerbs(createMemoryStore(), { recordSend }));
    const rejections = await rejectionsDuring(async () => {
      expect(answerOf(await exchange(post('/', PHONE)))).toBe('204');
    });
    expect(rejections).toEqual([]);
  });

  test('behind a success, the right code passes [S12]', async () => {
    const memory = createMemoryStore();
    const store = replaceVerbs(memory, {
      async complete(...args) {
        const completed = await memory.complete(...args);
        return completed.ok ? { ...completed, settled: late() } : completed;
      },
    });
    const { exchange, sender } = serve(store);
    const cookie = cookieOf(await exchange(post('/', PHONE)));
    const rejections = await rejectionsDuring(async () => {
      const check = post('/check', { code: sender.messages[0]?.code }, { cookie });
      expect(answerOf(await exchange(check))).toBe('200');
    });
    expect(rejections).toEqual([]);
  });
});
