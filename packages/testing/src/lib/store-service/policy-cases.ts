import assert from 'node:assert/strict';
import { type ConversionOptions, type OtpEvent, SendError } from '@otp/core';
import { cookieOf, type ExchangeResponse, headerValues } from '../http/exchange.js';
import type { ScenarioOptions } from '../kit/scenario.js';
import {
  answerOf,
  createFrom,
  email,
  limitBothFlows,
  phone,
  tally,
  times,
  UNLIMITED,
} from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';

const HOUR = 3600;
const MESSAGES = 20;
const AFTER_SECONDS = 300;
/** Short enough to wait for if the clock cannot be moved, and long enough for a busy machine to see the block. */
const BLOCK_SECONDS = 4;

/** The n-th number of a prefix. The recipient of the test challenge is +33612345678. */
function numberOf(n: number, prefix = '+3361234'): string {
  return prefix + String(n).padStart(4, '0');
}

/** Opens verifications of `sent` numbers and completes the first `verified`. */
async function converse(t: StoreServiceWorld, verified: number, sent = MESSAGES): Promise<void> {
  for (const n of times(sent, (index) => index)) {
    const cookie = cookieOf(await t.create(phone(numberOf(n))));
    await t.service.drain();
    if (n < verified) assert.equal((await t.check(cookie, t.code())).status, 200);
  }
}

const ROUNDED_SECONDS = 30;

function assertBlocked(response: ExchangeResponse, seconds: number): void {
  assert.equal(answerOf(response), 'auth_blocked');
  assert.match(JSON.parse(response.body).message, /limit/);
  const [wait] = headerValues(response, 'retry-after').map(Number);
  // Rounded up where others may have used up the budget.
  const most = Math.ceil(seconds / ROUNDED_SECONDS) * ROUNDED_SECONDS;
  assert.ok(wait !== undefined && wait >= 1 && wait <= most, `wait ${wait} s`);
  assert.deepEqual(headerValues(response, 'set-cookie'), []);
}

function lowConversions(events: readonly OtpEvent[]) {
  return events.flatMap((event) => {
    if (event.type !== 'low_conversion') return [];
    const { of, country, sent, verified, isBlocked } = event;
    return [{ of, country, sent, verified, isBlocked }];
  });
}

const limited = (limits: ScenarioOptions['limits']) => ({
  service: (): ScenarioOptions => ({
    retryIntervalSeconds: 0,
    limits: { ...UNLIMITED, ...limits },
  }),
});

const guarded = (conversion: ConversionOptions = {}, more: ScenarioOptions = {}) => ({
  service: (): ScenarioOptions => ({
    retryIntervalSeconds: 0,
    limits: {
      ...UNLIMITED,
      // All messages are for one client network.
      conversion: { blockSeconds: BLOCK_SECONDS, networkSampleShare: 1, ...conversion },
    },
    ...more,
  }),
});

const limitCases: readonly StoreCase[] = [
  serviceCase(
    'the time between creates for one recipient doubles [R04, R08]',
    async (t) => {
      const body = email('patient@example.com');
      for (const gap of [1, 2, 4]) {
        assert.equal(answerOf(await t.create(body)), '204');
        assertBlocked(await t.create(body), gap);
        await t.wait(gap);
      }
      assert.equal(answerOf(await t.create(body)), '204');
    },
    { service: () => ({ retryIntervalSeconds: 1, limits: UNLIMITED }) },
  ),

  serviceCase(
    'u+1@ to u+99@ at once are one recipient with five messages an hour [I05]',
    async (t) => {
      const count = Math.min(99, 2 * t.atOnce);
      const responses = await t.race(count, (each, n) => each.create(email(`u+${n + 1}@x.com`)));
      const { '204': sent = 0, ...rest } = tally(responses);
      assert.ok(sent >= 1 && sent <= 5, `${sent} sent`);
      assert.deepEqual(rest, { auth_blocked: count - sent });
      assert.equal(t.sender.messages.length, sent);
    },
    {
      service: () => ({
        retryIntervalSeconds: 0,
        limits: limitBothFlows({ recipient: [{ max: 5, windowSeconds: HOUR }] }),
      }),
    },
  ),

  serviceCase(
    'numbers that differ in their last four digits share a limit, which step-ups do not use [R04]',
    async (t) => {
      const answers = [];
      for (const n of [0, 1, 9_999, 5]) answers.push(await t.create(phone(numberOf(n))));
      assert.deepEqual(answers.map(answerOf), ['204', '204', '204', 'auth_blocked']);
      assertBlocked(answers[3] ?? assert.fail(), HOUR);
      assert.equal(answerOf(await t.create(phone('+33612350000'))), '204');
      assert.equal(answerOf(await t.create(email('u@example.com'))), '204');
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');
    },
    limited({
      numberPrefix: [{ max: 3, windowSeconds: HOUR }],
      numberPrefixShare: [{ max: 3, windowSeconds: HOUR }],
    }),
  ),

  serviceCase(
    'the networks of one IPv6 /48 share a limit [R12]',
    async (t) => {
      const addresses = [
        '2001:db8:1::1',
        '2001:db8:1:2::1',
        '[2001:DB8:1:3::9]:1',
        '2001:db8:1:4::',
      ];
      const answers: string[] = [];
      const next = (address: string) =>
        createFrom(t, address, email(`user${answers.length}@example.com`)).then(answerOf);
      for (const address of [...addresses, '2001:db8:2::1', '203.0.113.1']) {
        answers.push(await next(address));
      }
      assert.deepEqual(answers, ['204', '204', '204', 'auth_blocked', '204', '204']);
    },
    limited(
      limitBothFlows({
        clientAddress: [{ max: 2, windowSeconds: HOUR }],
        clientNetwork: [{ max: 3, windowSeconds: HOUR }],
      }),
    ),
  ),

  serviceCase(
    'the limit of the app counts both flows and all channels, and gets back unsent messages [R04]',
    async (t) => {
      t.sender.fail(new SendError('unavailable', 'down'));
      assert.equal(answerOf(await t.create(email('u0@example.com'))), 'internal');
      t.sender.fail(undefined);
      await t.open(email('u1@example.com'));
      await t.open({ challenge_token: t.challenge() });
      await t.open(phone(numberOf(1)));
      assertBlocked(await t.create(email('u2@example.com')), HOUR);
      assertBlocked(await t.peer.create(email('u2@example.com')), HOUR);
      // One is kept for step-ups.
      await t.open({ challenge_token: t.challenge() });
      for (const each of [t, t.peer]) {
        assertBlocked(await each.create({ challenge_token: t.challenge() }), HOUR);
      }
      t.assertEffects({ stored: 4, sent: 4 });
    },
    limited({
      // Both flows share three of it.
      app: [
        { max: 4, windowSeconds: HOUR },
        { max: 9, windowSeconds: 24 * HOUR },
      ],
    }),
  ),

  serviceCase(
    '30 creates at once do not exceed the limits of a prefix and of the app [R04]',
    async (t) => {
      const count = Math.min(30, 2 * t.atOnce);
      const numbers = await t.race(count, (each, n) => each.create(phone(numberOf(n))));
      const { '204': sent = 0, ...rest } = tally(numbers);
      assert.ok(sent <= 10, `${sent} sent`);
      assert.deepEqual(rest, { auth_blocked: count - sent });
      const addresses = await t.race(count, (each, n) => each.create(email(`u${n}@example.com`)));
      const { '204': more = 0, ...others } = tally(addresses);
      assert.ok(sent + more <= 15, `${sent + more} sent`);
      assert.deepEqual(others, { auth_blocked: count - more });
      assert.equal(t.sender.messages.length, sent + more);
    },
    limited({
      numberPrefix: [{ max: 10, windowSeconds: HOUR }],
      numberPrefixShare: [{ max: 10, windowSeconds: HOUR }],
      app: [{ max: 15, windowSeconds: HOUR }],
    }),
  ),
];

const conversionCases: readonly StoreCase[] = [
  serviceCase(
    'a prefix is blocked if none of its last 20 messages is verified after five minutes [R04]',
    async (t) => {
      await converse(t, 0);
      t.clock.advance(AFTER_SECONDS - 1);
      assert.equal(answerOf(await t.create(phone(numberOf(50)))), '204');
      t.clock.advance(2);
      const live = await t.open(phone('+33612350001'));
      const code = t.code();
      assertBlocked(await t.create(phone(numberOf(51))), BLOCK_SECONDS);
      assertBlocked(await t.peer.create(phone(numberOf(52))), BLOCK_SECONDS);
      const { length } = t.sender.messages;
      assert.equal(length, MESSAGES + 2);
      assert.deepEqual(
        [...lowConversions(t.events), ...lowConversions(t.peer.events)],
        [{ of: 'number_prefix', country: 'FR', sent: 20, verified: 0, isBlocked: true }],
      );
      assert.equal(answerOf(await t.check(live, code)), '200');
      assert.equal(answerOf(await t.create(phone('+33612350002'))), '204');
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');
      await t.wait(BLOCK_SECONDS);
      assert.equal(answerOf(await t.create(phone(numberOf(53)))), '204');
    },
    guarded(),
  ),

  ...[
    { verified: 4, sent: MESSAGES, answer: '204' },
    { verified: 3, sent: MESSAGES, answer: 'auth_blocked' },
    { verified: 0, sent: MESSAGES - 1, answer: '204' },
  ].map(({ verified, sent, answer }) =>
    serviceCase(
      `with ${verified} of ${sent} messages verified the next create for the prefix is ${answer} [R04]`,
      async (t) => {
        await converse(t, verified, sent);
        t.clock.advance(AFTER_SECONDS + 1);
        assert.equal(answerOf(await t.create(phone(numberOf(50)))), answer);
      },
      guarded(),
    ),
  ),

  serviceCase(
    'a live verification of a blocked prefix still succeeds, and may be retried [R04]',
    async (t) => {
      const owners = await t.open(phone(numberOf(90)));
      const code = t.code();
      await converse(t, 0);
      t.clock.advance(AFTER_SECONDS + 1);
      assertBlocked(await t.create(phone(numberOf(50))), BLOCK_SECONDS);
      assert.equal(answerOf(await t.retry(owners)), '204');
      assert.equal(answerOf(await t.check(owners, code)), '200');
    },
    guarded(),
  ),

  serviceCase(
    'decoys count for a prefix like other messages, which would otherwise reveal them [R04]',
    async (t) => {
      const work: Promise<unknown>[] = [];
      const blocked = t.beside({
        ...guarded().service(),
        guard: () => 'block',
        onBlock: 'silent',
        waitUntil: (each) => void work.push(each),
      });
      for (const n of times(MESSAGES, (index) => index)) {
        assert.equal(answerOf(await blocked.create(phone(numberOf(n)))), '204');
      }
      await Promise.all(work);
      await blocked.service.drain();
      t.clock.advance(AFTER_SECONDS + 1);
      assertBlocked(await t.create(phone(numberOf(50))), BLOCK_SECONDS);
    },
    guarded(),
  ),

  serviceCase(
    'neither retries nor unsent messages count for a prefix [R04]',
    async (t) => {
      t.sender.fail(new SendError('unavailable', 'down'));
      for (const n of times(MESSAGES, (index) => index)) {
        assert.equal(answerOf(await t.create(phone(numberOf(n)))), 'internal');
      }
      t.sender.fail(undefined);
      const cookie = await t.open(phone(numberOf(1)));
      for (const _ of times(4, () => 0)) assert.equal(answerOf(await t.retry(cookie)), '204');
      await converse(t, 0, MESSAGES - 2);
      t.clock.advance(AFTER_SECONDS + 1);
      assert.equal(answerOf(await t.create(phone(numberOf(50)))), '204');
    },
    guarded(),
  ),

  serviceCase(
    'a country with too few verified messages emits an event, and nothing is refused [R04]',
    async (t) => {
      await converse(t, 0, 5);
      t.clock.advance(AFTER_SECONDS + 10);
      assert.equal(answerOf(await t.create(phone('+33698760001'))), '204');
      assert.equal(answerOf(await t.create(phone('+33698760002'))), '204');
      assert.deepEqual(lowConversions(t.events), [
        { of: 'country', country: 'FR', sent: 5, verified: 0, isBlocked: false },
      ]);
    },
    guarded({ countrySampleSize: 5 }),
  ),

  serviceCase(
    'a country is blocked if the host opted in; others are not [R04]',
    async (t) => {
      await converse(t, 0, 5);
      t.clock.advance(AFTER_SECONDS + 10);
      assertBlocked(await t.create(phone('+33698760001')), BLOCK_SECONDS);
      assertBlocked(await t.peer.create(phone('+33698760002')), BLOCK_SECONDS);
      assert.equal(answerOf(await t.create(phone('+4915112345678'))), '204');
      assert.equal(lowConversions(t.events).length, 1);
    },
    guarded({ countrySampleSize: 5, blockCountries: true }),
  ),

  serviceCase(
    'disabling the limits also disables the conversion guard [R04]',
    async (t) => {
      await converse(t, 0, MESSAGES + 1);
      t.clock.advance(AFTER_SECONDS + 1);
      assert.equal(answerOf(await t.create(phone(numberOf(50)))), '204');
    },
    { service: () => ({ dangerouslyDisableLimits: true }) },
  ),
];

/** The limits of prefixes, networks and the app, and the conversion guard. */
export const policyCases: readonly StoreCase[] = [...limitCases, ...conversionCases];
