import { byDepth } from '@otp/test/depth';
import { type Around, aroundMethods } from '@otp/test/faults/around-calls';
import {
  cookieOf,
  createTestClock,
  createTestSender,
  type ExchangeResponse,
  headerValues,
} from '@otp/testing';
import {
  EMAIL,
  isRecorded,
  recordCalls,
  setUp,
  type TestKit,
  tally,
  times,
} from '@otp/testing/internal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';
import { SendError, type Sender } from '../src/lib/ports.js';

const ORDERS = byDepth({ quick: 15, full: 150 });
const TIME_LIMIT_MS = 30_000;

interface Race extends TestKit {
  /** Whether each message had its record when the sender was handed it. */
  readonly recorded: readonly boolean[];
  /** Starts all at once; the scheduler says whose call goes on, before and after each call to a port. */
  run<T>(...work: readonly (() => Promise<T>)[]): Promise<T[]>;
}

function setUpRace(scheduler: fc.Scheduler): Race {
  let isRunning = false;
  const around: Around = async (call, run) => {
    if (!isRunning) return run();
    await scheduler.schedule(Promise.resolve(), `to ${call}`);
    try {
      return await run();
    } finally {
      await scheduler.schedule(Promise.resolve(), `from ${call}`);
    }
  };
  const testClock = createTestClock();
  const memory = recordCalls(createMemoryStore({ now: testClock.now }));
  const testSender = createTestSender();
  const recorded: boolean[] = [];
  const inbox: Sender = {
    send(message) {
      recorded.push(isRecorded(memory, message));
      return testSender.send(message);
    },
  };
  const sender = aroundMethods('sender', inbox, around);
  const channels = { sms: { sender, countries: 'ALL' as const }, email: { sender } };
  const store = aroundMethods('store', memory, around);
  const kit = setUp({ testClock, testSender, channels, store });
  return {
    ...kit,
    recorded,
    async run(...work) {
      isRunning = true;
      const done = await scheduler.waitFor(Promise.all(work.map((each) => each())));
      isRunning = false;
      return done;
    },
  };
}

/** A verification and what its checks need. */
async function open(t: Race, flow: Flow) {
  const more = flow === 'standalone' ? {} : { challenge_token: t.challenge() };
  const cookie = cookieOf(await t.create(flow === 'standalone' ? EMAIL : more));
  const right = t.code();
  const wrong = t.wrongCode();
  return {
    cookie,
    more,
    right: () => t.check(cookie, right, more),
    wrong: () => t.check(cookie, wrong, more),
    retry: () => t.retry(cookie),
  };
}

type Flow = 'standalone' | 'step-up';
const flows = fc.constantFrom<Flow>('standalone', 'step-up');
const several = fc.integer({ min: 2, max: 4 });

/** In many orders of what the requests do at the store and at the sender. */
function inAnyOrder(
  title: string,
  race: (t: Race, flow: Flow, count: number) => Promise<void>,
): void {
  const property = fc.asyncProperty(fc.scheduler(), flows, several, (scheduler, flow, count) =>
    race(setUpRace(scheduler), flow, count),
  );
  test(title, () => fc.assert(property, { numRuns: ORDERS }), TIME_LIMIT_MS);
}

function assertSentOnce(t: Race, sent: number): void {
  expect(t.recorded).toEqual(times(sent, () => true));
  expect(new Set(t.sender.messages.map(({ code }) => code)).size).toBe(1);
}

function taken(responses: readonly ExchangeResponse[]): string[] {
  return responses
    .filter(({ status }) => status === 200)
    .map(({ body }) => JSON.parse(body).challenge_token);
}

describe('in any order of what requests do at the ports', () => {
  inAnyOrder('of several right codes at once one succeeds [R02]', async (t, flow, count) => {
    const { right } = await open(t, flow);
    const { '200': successes, unauthorized } = tally(await t.run(...times(count, () => right)));
    expect([successes, unauthorized]).toEqual([1, count - 1]);
  });

  inAnyOrder('of two verifications of one challenge one succeeds [R02]', async (t) => {
    const first = await open(t, 'step-up');
    t.clock.advance(30);
    const second = cookieOf(await t.create(first.more));
    const code = t.code();
    const answers = tally(await t.run(first.right, () => t.check(second, code, first.more)));
    expect(answers).toEqual({ '200': 1, token_reused: 1 });
  });

  inAnyOrder('of several wrong codes at once five are evaluated [R03]', async (t, flow, count) => {
    const { wrong, right } = await open(t, flow);
    const answers = await t.run(...times(4 + count, () => wrong));
    expect(tally(answers).bad_check_code).toBe(5);
    const left = answers.flatMap(({ body }) => JSON.parse(body).attempts_left ?? []);
    expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
    expect((await right()).status).toBe(401);
  });

  inAnyOrder(
    'of a right code among too many wrong ones one passes at most [R03]',
    async (t, flow) => {
      const { wrong, right } = await open(t, flow);
      const { '200': passed = 0, bad_check_code: failed = 0 } = tally(
        await t.run(...times(6, (n) => (n === 3 ? right : wrong))),
      );
      expect(passed).toBeLessThanOrEqual(1);
      expect(passed + failed).toBeLessThanOrEqual(5);
    },
  );

  inAnyOrder('the right code passes beside wrong ones in flight [R06]', async (t, flow, count) => {
    const { wrong, right } = await open(t, flow);
    const [passed] = await t.run(right, ...times(count, () => wrong));
    expect(passed?.status).toBe(200);
  });

  inAnyOrder('of several retries at once one sends [R07]', async (t, flow, count) => {
    const { retry } = await open(t, flow);
    t.clock.advance(30);
    const answers = tally(await t.run(...times(count, () => retry)));
    expect(answers).toEqual({ '204': 1, rate_limited: count - 1 });
    assertSentOnce(t, 2);
  });

  inAnyOrder('a retry beside the right code takes nothing from it [R07]', async (t, flow) => {
    const { right, retry } = await open(t, flow);
    t.clock.advance(30);
    const [checked, retried] = await t.run(right, retry);
    expect(checked?.status).toBe(200);
    assertSentOnce(t, retried?.status === 204 ? 2 : 1);
    expect((await retry()).status).toBe(401);
  });

  inAnyOrder('a retry beside a wrong code gives no guesses [R07]', async (t, flow, count) => {
    const { wrong, retry } = await open(t, flow);
    t.clock.advance(30);
    await t.run<ExchangeResponse>(retry, ...times(count, () => wrong));
    const next = await wrong();
    expect(JSON.parse(next.body)).toMatchObject({ attempts_left: 4 - count });
  });

  inAnyOrder(
    'a retry that fails beside others leaves the code valid [R07, S11]',
    async (t, flow) => {
      const { right, retry } = await open(t, flow);
      t.clock.advance(30);
      t.sender.fail(new SendError('unavailable', 'down'));
      const failed = tally(await t.run(retry, retry));
      expect(failed.internal).toBeGreaterThanOrEqual(1);
      t.sender.fail(undefined);
      expect((await retry()).status).toBe(204);
      assertSentOnce(t, 1 + (failed.internal ?? 0) + 1);
      expect((await right()).status).toBe(200);
    },
  );

  inAnyOrder('of several creates for one recipient one sends [R08]', async (t, _, count) => {
    const answers = await t.run(...times(count, () => () => t.create(EMAIL)));
    expect(tally(answers)).toEqual({ '204': 1, auth_blocked: count - 1 });
    expect(answers.flatMap((answer) => headerValues(answer, 'set-cookie'))).toHaveLength(1);
    assertSentOnce(t, 1);
  });

  inAnyOrder(
    'creates that fail at once leave no record and no charge [R08, S11]',
    async (t, _, count) => {
      t.sender.fail(new SendError('unavailable', 'down'));
      const answers = await t.run(...times(count, () => () => t.create(EMAIL)));
      expect(answers.flatMap((answer) => headerValues(answer, 'set-cookie'))).toEqual([]);
      expect(t.recorded).toEqual(times(tally(answers).internal ?? 0, () => true));
      expect(t.store.stored.size).toBe(0);
      t.sender.fail(undefined);
      // Three an hour for one client network.
      const later = [0, 30, 60, 120].map((seconds) => async () => {
        t.clock.advance(seconds);
        return (await t.create(EMAIL)).status;
      });
      const statuses: number[] = [];
      for (const create of later) statuses.push(await create());
      expect(statuses).toEqual([204, 204, 204, 403]);
    },
  );

  inAnyOrder('a completed token is taken once, also beside a check [R02]', async (t, _, count) => {
    const { right } = await open(t, 'standalone');
    const [token = ''] = taken(await t.run(right));
    const take = async () => (await t.service.consumeSessionStart(token)).ok;
    const again = async () => (await right()).status === 200;
    const results = await t.run(again, ...times(count, () => take));
    expect(results[0]).toBe(false);
    expect(results.filter((each) => each)).toHaveLength(1);
  });
});
