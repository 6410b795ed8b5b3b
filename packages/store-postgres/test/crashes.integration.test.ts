import { setTimeout as sleep } from 'node:timers/promises';
import type { Limit, OtpStore } from '@otp/core/store';
import { CallTracker } from '@otp/test/call-tracker';
import { byDepth } from '@otp/test/depth';
import { startPostgres, type TestServer, waitUntil } from '@otp/test/servers';
import { createOp, newLimit } from '@otp/test/store-samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { complete, drain, Opened, openOne } from './test-database.js';

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

/** The answers of a store while its server failed. */
interface Answers {
  /** Two for each verification; undefined for a success that was rejected. */
  readonly claims: (readonly (boolean | undefined)[])[];
  readonly charged: number;
}

/** Opens, completes twice and charges without a pause while `fail` runs. */
async function workDuring(limitOf: number, fail: (calls: CallTracker) => Promise<void>) {
  const limit = newLimit(limitOf);
  const calls = new CallTracker();
  const claims: (readonly (boolean | undefined)[])[] = [];
  const tokens = new Map<string, Limit>();
  let charged = 0;
  let isOver = false;
  async function work(): Promise<void> {
    while (!isOver) {
      const id = await calls.track(openOne(store));
      if ((await calls.track(store.charge([limit], createOp())))?.ok) charged += 1;
      if (id === undefined) await sleep(10);
      else {
        const token = newLimit(1);
        tokens.set(id, token);
        const both = [complete(store, id, { token }), complete(store, id, { token })];
        claims.push(await Promise.all(both.map((claim) => calls.track(claim))));
      }
    }
  }
  const workers = Array.from({ length: 4 }, work);
  await fail(calls);
  isOver = true;
  await Promise.all(workers);
  await waitUntil('the store answers again', isUp);
  for (const [id, token] of tokens) {
    const { ok } = await store.charge([token], createOp());
    // The token is used up if and only if the verification has ended.
    expect(ok).toBe((await store.read(id)) !== undefined);
  }
  const answers: Answers = { claims, charged };
  return { answers, left: await drain(store, limit) };
}

function expectNothingLost({ claims, charged }: Answers, limit: number, left: number) {
  expect(claims.length).toBeGreaterThan(0);
  for (const told of claims) expect(told.filter((each) => each === true).length).toBeLessThan(2);
  expect(charged).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(limit - charged);
}

describe('Postgres store: a server that fails', () => {
  it('killed and restarted: every answer holds, and the store answers again [S01, S14]', async () => {
    const before = await openOne(store);
    const op = createOp();
    expect(await complete(store, before, { op })).toBe(true);
    const { answers, left } = await workDuring(300, async (calls) => {
      await sleep(300);
      await server.kill();
      await calls.settle();
      await server.restart();
      await waitUntil('the store answers again', isUp);
      await sleep(300);
    });
    expectNothingLost(answers, 300, left);
    expect(await complete(store, before)).toBe(false);
    expect(await complete(store, before, { op })).toBe(true);
  });

  it('stopped: calls end without it, and nothing succeeds twice afterwards [S01]', async () => {
    const { answers, left } = await workDuring(300, async (calls) => {
      await sleep(300);
      server.pause();
      await calls.settle();
      await sleep(byDepth({ quick: 0, full: 10_000 }));
      await calls.settle();
      server.resume();
      await waitUntil('the store answers again', isUp);
    });
    expectNothingLost(answers, 300, left);
  });
});
