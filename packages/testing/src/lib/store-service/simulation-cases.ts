import assert from 'node:assert/strict';
import type { LimitOptions } from '@otp/core';
import { PHONE, type ScenarioOptions } from '../kit/scenario.js';
import { answerOf, createFrom, email, phone, type TestKit } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type Pace, type StoreServiceWorld, serviceCase } from './store-service-world.js';

const HOUR = 3600;
const CREATES = 1_000;
/** Requests at once if the clock cannot be moved, so that all come in a short time. */
const BURST = 50;
/** The part of the hour before the verifications of the owners expire. */
const LIVE = 0.16;
/** Shorter than the life of a verification, and long enough for a retry to be due. */
const LIVE_SECONDS = 500;

interface Attack {
  readonly body: (n: number) => object;
  readonly address: (n: number) => string;
  readonly limits?: LimitOptions;
  /** Messages allowed in an hour, and in a short time. */
  readonly most: readonly [inAnHour: number, inAShortTime: number];
}

const digits = (n: number, length: number) => String(n).padStart(length, '0');
/** Another prefix for each create. */
const anyNumber = (n: number) => phone(`+336${digits(n, 5)}${digits(n % 999, 3)}`);
const anyAddress = (n: number) => `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'one number': { body: () => phone('+33698765432'), address: anyAddress, most: [9, 9] },
  'one prefix': {
    body: (n) => phone(`+3369876${digits(n, 4)}`),
    address: anyAddress,
    most: [30, 30],
  },
  'one address with tags': {
    body: (n) => email(`u+${n}@x.com`),
    address: anyAddress,
    most: [9, 9],
  },
  'numbers from one /64': {
    body: anyNumber,
    address: (n) => `2001:db8:1:2::${n.toString(16)}`,
    most: [100, 30],
  },
  'numbers from one /48': {
    body: anyNumber,
    address: (n) => `2001:db8:1:${n.toString(16)}::1`,
    most: [500, 150],
  },
  'one country': {
    body: anyNumber,
    address: anyAddress,
    // Four fifths of it.
    limits: { app: [{ max: 70, windowSeconds: HOUR }] },
    most: [56, 56],
  },
};

/** In a short time the interval between two messages would allow one of them and hide the hourly limits. */
function spacing({ isMovable }: Pace): ScenarioOptions {
  return isMovable ? {} : { retryIntervalSeconds: 0 };
}

/** Opens verifications whose owners share nothing with the attack but the app. */
async function openOwners(t: TestKit) {
  const standalone = await t.open(phone('+33698111111'));
  const code = t.code();
  const challenge_token = t.challenge();
  const stepUp = await t.open({ challenge_token });
  const stepUpCode = t.code();
  return [() => t.check(standalone, code), () => t.check(stepUp, stepUpCode, { challenge_token })];
}

interface Creates extends Pick<Attack, 'body' | 'address'> {
  readonly from: number;
  readonly to: number;
  /** How long they take, if the clock can be moved. */
  readonly seconds: number;
}

/** One after another if the clock can be moved, otherwise many at once on both processes. */
async function attack(t: StoreServiceWorld, creates: Creates): Promise<void> {
  const { body, address, from, to, seconds } = creates;
  const isMoving = t.harness.advance !== undefined;
  const burst = isMoving ? 1 : BURST;
  for (let first = from; first < to; first += burst) {
    if (isMoving) await t.wait(seconds / (to - from));
    const responses = await t.race(Math.min(burst, to - first), (each, index) =>
      createFrom(each, address(first + index), body(first + index)),
    );
    for (const { status } of responses) assert.ok(status === 204 || status === 403, `${status}`);
  }
}

/**
 * An hour of fraud: no more messages are sent than the limits allow, and owners of live verifications still succeed. Run
 * the cases one after another, since they keep a server busy.
 *
 * @example for (const { name, run } of storeSimulationCases) test(name, () => run(harness), 600_000);
 */
export const storeSimulationCases: readonly StoreCase[] = [
  ...Object.entries(ATTACKS).map(([target, { limits, most, ...creates }]) =>
    serviceCase(
      `creates for ${target} stay within the limits, and owners still succeed [R04, R05, R12]`,
      async (t, { isMovable }) => {
        const { creates: to = CREATES } = t.harness;
        const live = isMovable ? Math.floor(LIVE * to) : to;
        const owners = await openOwners(t);
        const before = t.sender.messages.length;
        await attack(t, { ...creates, from: 0, to: live, seconds: LIVE * HOUR });
        for (const check of owners) assert.equal(answerOf(await check()), '200');
        await attack(t, { ...creates, from: live, to, seconds: (1 - LIVE) * HOUR });
        const sent = t.sender.messages.length - before;
        const [inAnHour, inAShortTime] = most;
        assert.ok(sent > 0 && sent <= (isMovable ? inAnHour : inAShortTime), `${sent} sent`);
      },
      { service: (pace) => ({ ...spacing(pace), ...(limits === undefined ? {} : { limits }) }) },
    ),
  ),

  serviceCase(
    'creates for the number and the prefix of an owner do not affect the live verification and the step-up [R05, R11]',
    async (t) => {
      const owners = await t.open(PHONE);
      const code = t.code();
      const body = (n: number) => (n % 2 === 0 ? PHONE : phone(`+3361234${digits(n, 4)}`));
      const { creates = CREATES } = t.harness;
      await attack(t, { body, address: anyAddress, from: 0, to: creates, seconds: LIVE_SECONDS });
      assert.equal(answerOf(await t.retry(owners)), '204');
      assert.equal(answerOf(await t.check(owners, code)), '200');
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');
    },
    { service: spacing },
  ),
];
