import { setTimeout as sleep } from 'node:timers/promises';
import type { OtpStore } from '@otp/core/store';
import { startPostgres, type TestServer, waitUntil } from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { createOp, drain, newLimit, Opened, openOne } from './test-database.js';

const opened = new Opened();
let server: TestServer;
let store: OtpStore;

beforeAll(async () => {
  server = await opened.server(startPostgres());
  const pool = opened.pool(server.url);
  await migrate(pool);
  store = createPostgresStore({ pool });
});
afterAll(() => opened.end());

async function isUp(): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

/** What was answered while the server failed. */
interface Answers {
  /** Told to the first and to the second of two claims for each verification; undefined: an error. */
  readonly claims: (readonly (boolean | undefined)[])[];
  readonly charged: number;
  readonly slowestMs: number;
}

/** Opens, claims twice and charges without a pause while `fail` does its work. */
async function workDuring(limitOf: number, fail: () => Promise<void>) {
  const limit = newLimit(limitOf);
  const claims: (readonly (boolean | undefined)[])[] = [];
  let [charged, slowestMs, isOver] = [0, 0, false];
  async function timed<T>(call: Promise<T>): Promise<T | undefined> {
    const started = performance.now();
    const answer = await call.catch(() => undefined);
    slowestMs = Math.max(slowestMs, performance.now() - started);
    return answer;
  }
  async function work(): Promise<void> {
    while (!isOver) {
      const id = await timed(openOne(store));
      if ((await timed(store.charge([limit], createOp())))?.ok) charged += 1;
      if (id === undefined) await sleep(10);
      else {
        const both = [store.claim(id, createOp()), store.claim(id, createOp())];
        claims.push(await Promise.all(both.map(timed)));
      }
    }
  }
  const workers = Array.from({ length: 4 }, work);
  await fail();
  isOver = true;
  await Promise.all(workers);
  await waitUntil('the store answers again', isUp);
  const answers: Answers = { claims, charged, slowestMs };
  return { answers, left: await drain(store, limit) };
}

function expectNothingLost({ claims, charged, slowestMs }: Answers, limit: number, left: number) {
  expect(claims.length).toBeGreaterThan(0);
  for (const told of claims) expect(told.filter((each) => each === true).length).toBeLessThan(2);
  expect(charged).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(limit - charged);
  // 500 ms each, three times over.
  expect(slowestMs).toBeLessThan(1_500);
}

describe('Postgres store: a server that fails', () => {
  it('killed and restarted in mid-run: what was answered holds, and it answers again [S01, S14]', async () => {
    const before = await openOne(store);
    const op = createOp();
    expect(await store.claim(before, op)).toBe(true);
    const { answers, left } = await workDuring(300, async () => {
      await sleep(300);
      await server.kill();
      await sleep(300);
      await server.restart();
      await waitUntil('the store answers again', isUp);
      await sleep(300);
    });
    expectNothingLost(answers, 300, left);
    expect(await store.claim(before, createOp())).toBe(false);
    expect(await store.claim(before, op)).toBe(true);
  });

  it('stopped for 10 s: errors within the limit, no second success afterwards [S01]', async () => {
    const { answers, left } = await workDuring(300, async () => {
      await sleep(300);
      server.pause();
      await sleep(10_000);
      server.resume();
      await waitUntil('the store answers again', isUp);
    });
    expectNothingLost(answers, 300, left);
  });
});
