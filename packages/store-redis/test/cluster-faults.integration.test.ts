import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisCluster, type TestCluster, waitUntil } from '@otp/test/servers';
import { newLimit, newRecord } from '@otp/test/store-samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { connect } from './connect.js';
import { type StormReport, storm, stormLimits } from './storm.js';

const TIME_LIMIT_MS = 120_000;
/** Shorter than a fail-over, so that calls are rejected meanwhile. */
const TIMEOUT_MS = 500;

describe('a store on a Redis Cluster', () => {
  let cluster: TestCluster;
  let client: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    client = await connect(cluster.url);
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  it(
    'keeps every promise while a killed master is replaced, and uses the new one [S02]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: TIMEOUT_MS });
      await storm(store, () => sleep(200));
      const master = await cluster.masterOf(0);
      const report = await storm(store, async () => {
        await sleep(500);
        await master.kill();
        await waitUntil('the fail-over', async () => (await cluster.masterOf(0)) !== master);
        await sleep(1_000);
      });
      expectKept(report);

      await waitUntil('every slot', isServed);
      await master.restart();
      await cluster.settle();
    },
    TIME_LIMIT_MS,
  );

  it(
    'works while a master is stopped for 10 s, and with it as a replica afterwards [S01]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: TIMEOUT_MS });
      const master = await cluster.masterOf(0);
      let wasServed = false;
      const report = await storm(store, async (calls) => {
        await sleep(500);
        master.pause();
        await calls.settle();
        const [served] = await Promise.all([isServedWithin(9_000), sleep(10_000)]);
        wasServed = served;
        master.resume();
        await sleep(500);
      });
      expectKept(report);
      expect(wasServed).toBe(true);
      await cluster.settle();
      const { mostSuccesses, rejected } = await storm(store, () => sleep(300));
      expect({ mostSuccesses, rejected }).toEqual({ mostSuccesses: 1, rejected: 0 });
    },
    TIME_LIMIT_MS,
  );

  /** Whether slots of every master are served. */
  async function isServed(): Promise<boolean> {
    const patient = createRedisStore({ client, timeoutMs: 10_000 });
    const records = Array.from({ length: 60 }, () => newRecord());
    const opened = records.map((record) => patient.open(record, [newLimit(1)], []));
    const settled = await Promise.allSettled(opened);
    return settled.every(({ status }) => status === 'fulfilled');
  }

  function isServedWithin(ms: number): Promise<boolean> {
    return waitUntil('every slot', isServed, ms).then(
      () => true,
      () => false,
    );
  }
});

/** Holds except for writes that a master had acknowledged and its replica did not have. */
function expectKept(report: StormReport): void {
  expect(report.mostSuccesses).toBeLessThanOrEqual(1);
  expect(report.mostGuesses).toBeLessThanOrEqual(stormLimits.maxGuesses);
  expect(report.sharedAdmitted).toBeLessThanOrEqual(stormLimits.sharedMax);
  expect(report.rejected).toBeGreaterThan(0);
}
