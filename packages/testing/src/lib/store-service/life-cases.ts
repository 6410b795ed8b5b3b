import assert from 'node:assert/strict';
import { headerValues } from '../http/exchange.js';
import { EMAIL, PHONE } from '../kit/scenario.js';
import { answerOf, tally } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type Pace, paced, type StoreServiceWorld, serviceCase } from './store-service-world.js';

type Flow = 'standalone' | 'step-up';
const FLOWS: readonly Flow[] = ['standalone', 'step-up'];

/** Opens a verification; the challenge token of a step-up outlives it. */
async function openBy(t: StoreServiceWorld, flow: Flow) {
  const exp = Math.floor(t.clock.now() / 1000) + 3600;
  const more = flow === 'step-up' ? { challenge_token: t.challenge({ exp }) } : {};
  const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
  return { cookie, check: () => t.check(cookie, t.code(), more) };
}

/** Waits until a millisecond before the verification expires, or a few seconds before if the clock cannot be moved. */
async function waitForLastMoment(t: StoreServiceWorld, { ttlSeconds }: Pace): Promise<number> {
  const lastSeconds = t.harness.advance === undefined ? ttlSeconds / 2 : 0.001;
  await t.wait(ttlSeconds - lastSeconds);
  return lastSeconds;
}

export const lifeCases: readonly StoreCase[] = [
  serviceCase(
    'a retry sends the same code and changes neither guesses nor the time of expiry [R07]',
    async (t, { intervalSeconds, ttlSeconds }) => {
      const cookie = await t.open();
      await t.check(cookie, t.wrongCode());
      await t.check(cookie, t.wrongCode());
      await t.wait(intervalSeconds);
      assert.equal((await t.retry(cookie)).status, 204);
      const [first, again] = t.sender.messages;
      assert.ok(first !== undefined && again !== undefined);
      assert.deepEqual([again.code, again.to], [first.code, first.to]);
      assert.notEqual(again.idempotencyKey, first.idempotencyKey);
      const laterMs = again.expiresAt.getTime() - first.expiresAt.getTime();
      assert.ok(t.harness.advance === undefined ? laterMs <= 0 : laterMs === 0, `${laterMs} ms`);
      const wrong = await t.check(cookie, t.wrongCode());
      assert.equal(JSON.parse(wrong.body).attempts_left, 2);
      await t.wait(ttlSeconds - intervalSeconds);
      assert.equal(answerOf(await t.check(cookie, t.code())), 'unauthorized');
      t.assertEffects({ stored: 1, sent: 2 });
    },
    { ...paced, ends: true },
  ),

  serviceCase(
    'of many retries at once one sends [R07]',
    async (t, { intervalSeconds }) => {
      const cookie = await t.open();
      await t.wait(intervalSeconds);
      const count = Math.min(100, 2 * t.atOnce);
      const responses = await t.race(count, (each) => each.retry(cookie));
      assert.deepEqual(tally(responses), { '204': 1, rate_limited: count - 1 });
      const waits = responses.flatMap((response) => headerValues(response, 'retry-after'));
      for (const seconds of waits.map(Number)) {
        assert.ok(seconds >= 1 && seconds <= 2 * intervalSeconds, `wait ${seconds} s`);
        if (t.harness.advance !== undefined) assert.equal(seconds, 2 * intervalSeconds);
      }
      assert.equal(t.sender.messages.length, 2);
    },
    paced,
  ),

  ...(
    [
      ['address', EMAIL],
      ['number', PHONE],
    ] as const
  ).map(([kind, body]) =>
    serviceCase(
      `of two creates at once for one ${kind} one sends, the other is limited (better-auth #11181) [R08]`,
      async (t) => {
        const responses = await t.race(2, (each) => each.create(body));
        assert.deepEqual(tally(responses), { '204': 1, auth_blocked: 1 });
        const loser = responses.find(({ status }) => status === 403);
        assert.ok(loser !== undefined);
        const [wait] = headerValues(loser, 'retry-after').map(Number);
        assert.ok(wait !== undefined && wait >= 1 && wait <= 30, `wait ${wait} s`);
        assert.deepEqual(headerValues(loser, 'set-cookie'), []);
        assert.equal(t.sender.messages.length, 1);
      },
    ),
  ),

  ...FLOWS.flatMap((flow) => [
    serviceCase(
      `a ${flow} check succeeds at 599.999 s, after a retry [R09]`,
      async (t, pace) => {
        const { cookie, check } = await openBy(t, flow);
        await waitForLastMoment(t, pace);
        assert.equal((await t.retry(cookie)).status, 204);
        assert.equal(answerOf(await check()), '200');
      },
      { ...paced, ends: true },
    ),
    serviceCase(
      `a ${flow} check and a retry at 600 s are unauthorized [R09]`,
      async (t, { ttlSeconds }) => {
        const { cookie, check } = await openBy(t, flow);
        await t.wait(ttlSeconds);
        assert.equal(answerOf(await check()), 'unauthorized');
        assert.equal(answerOf(await t.retry(cookie)), 'unauthorized');
        t.assertEffects({ stored: 1, sent: 1 });
      },
      { ...paced, ends: true },
    ),
  ]),

  ...[-300, 300].map((clockOffSeconds) =>
    serviceCase(
      `the clock of the store decides about expiry if that of the app is ${clockOffSeconds} s off [R09]`,
      async (t, pace) => {
        const early = await t.open(EMAIL);
        const earlyCode = t.code();
        const late = await t.open(PHONE);
        const left = await waitForLastMoment(t, pace);
        assert.equal(answerOf(await t.check(early, earlyCode)), '200');
        await t.wait(left);
        assert.equal(answerOf(await t.check(late, t.code())), 'unauthorized');
      },
      { ends: true, clockOffSeconds },
    ),
  ),
];
