// Weaknesses that an attack from outside has found in failing sends; each test failed before its fix.
import { createTestSender, type ExchangeResponse } from '@otp/testing';
import {
  answerOf,
  createFrom,
  EMAIL,
  email,
  limitBothFlows,
  PHONE,
  rejectionsDuring,
  type ScenarioOptions,
  setUp,
  UNLIMITED,
} from '@otp/testing/internal';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type GuardInput, SendError } from '../src/lib/ports.js';

const DOWN = new SendError('unavailable', 'down', { countsForBreaker: false });
const BLOCKED = 'blocked@example.com';

/** A service that sends behind its answers, through a provider that is down. */
function setUpBehind(options: ScenarioOptions = {}) {
  const work: Promise<unknown>[] = [];
  const t = setUp({ waitUntil: (each) => void work.push(each), ...options });
  t.sender.fail(DOWN);
  return {
    ...t,
    async drain(response: Promise<ExchangeResponse>): Promise<string> {
      const answered = await response;
      await Promise.all(work.splice(0));
      await t.service.drain();
      return answerOf(answered);
    },
  };
}

describe('messages that fail behind the answer', () => {
  test('count for the recipient, whose verification can be guessed at and retried [R04]', async () => {
    const t = setUpBehind({
      limits: limitBothFlows({ recipient: [{ max: 3, windowSeconds: 3600 }] }),
    });
    const answers: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      answers.push(await t.drain(t.create(EMAIL)));
      t.clock.advance(240);
    }
    expect(answers.filter((each) => each === '204')).toHaveLength(3);
  });

  test('count for the challenge token [R04]', async () => {
    const t = setUpBehind({ dangerouslyDisableLimits: true });
    const challenge_token = t.challenge();
    const answers: string[] = [];
    for (let n = 0; n < 8; n += 1) answers.push(await t.drain(t.create({ challenge_token })));
    expect(answers.filter((each) => each === '204')).toHaveLength(5);
  });

  test('do not let a second create tell decoys apart [P02]', async () => {
    const guard = ({ identifier }: GuardInput) =>
      identifier.value === BLOCKED ? 'block' : 'allow';
    const t = setUpBehind({ onBlock: 'silent', guard });
    const twice = async (value: string) => [
      await t.drain(t.create(email(value))),
      await t.drain(t.create(email(value))),
    ];
    expect(await twice(BLOCKED)).toEqual(['204', 'auth_blocked']);
    expect(await twice('real@example.com')).toEqual(['204', 'auth_blocked']);
  });

  test.each(['allow', 'block'] as const)(
    'count for the conversion guard like decoys: %s [P02]',
    async (verdict) => {
      const t = setUpBehind({
        onBlock: 'silent',
        guard: () => verdict,
        retryIntervalSeconds: 0,
        limits: {
          ...UNLIMITED,
          conversion: { prefixSampleSize: 5, networkSampleShare: 1 },
        },
      });
      for (let n = 0; n < 5; n += 1) expect(await t.drain(t.create(PHONE))).toBe('204');
      t.clock.advance(400);
      expect(await t.drain(t.create(PHONE))).toBe('auth_blocked');
    },
  );

  test('do not count for the conversion guard without decoys', async () => {
    const t = setUpBehind({
      retryIntervalSeconds: 0,
      limits: {
        ...UNLIMITED,
        conversion: { prefixSampleSize: 5, networkSampleShare: 1 },
      },
    });
    for (let n = 0; n < 6; n += 1) expect(await t.drain(t.create(PHONE))).toBe('204');
    t.clock.advance(400);
    expect(await t.drain(t.create(PHONE))).toBe('204');
  });
});

describe('errors of the host’s own code', () => {
  afterEach(() => void vi.useRealTimers());

  test('an async message function that fails leaves no unhandled rejection [S12]', async () => {
    const message = (async () => {
      throw new Error('no words');
    }) as unknown as () => { text: string };
    const rejections = await rejectionsDuring(async () => {
      const t = setUp({ channels: { email: { sender: createTestSender(), message } } });
      expect(answerOf(await t.create(EMAIL))).toBe('internal');
      expect(t.events).toMatchObject([{ type: 'fault', during: 'delivery' }]);
    });
    expect(rejections).toEqual([]);
  });

  test('a probe that throws a revoked proxy leaves the breaker usable [S12]', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const t = setUp({ retryIntervalSeconds: 0 });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const failWith = async (error: unknown, value: string, address = '203.0.113.7') => {
      t.sender.fail(error);
      return answerOf(await createFrom(t, address, email(value)));
    };
    for (let n = 0; n < 5; n += 1)
      await failWith(new Error('down'), `u${n}@example.com`, `198.51.100.${n}`);
    expect(await failWith(undefined, 'well@example.com')).toBe('internal');
    vi.advanceTimersByTime(31_000);
    const asked = t.sender.attempts;
    expect(await failWith(proxy, 'probe@example.com')).toBe('internal');
    expect(t.sender.attempts).toBe(asked + 1);
    expect(t.events.at(-2)).toMatchObject({ type: 'send_failed', kind: 'unavailable' });
    vi.advanceTimersByTime(31_000);
    expect(await failWith(undefined, 'well@example.com')).toBe('204');
  });
});
