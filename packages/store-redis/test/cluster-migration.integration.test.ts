import {
  askRedis,
  type SlotMigration,
  startRedisCluster,
  type TestCluster,
} from '@otp/test/servers';
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/test/store-samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { connect } from './connect.js';
import { stormLimits } from './storm.js';

const TIME_LIMIT_MS = 120_000;
const VERIFICATIONS = 6;

describe('a store on a Redis Cluster whose slots move', () => {
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

  /** Runs `step` for each slot; then the new masters forget every script. */
  async function advance(
    migrations: readonly SlotMigration[],
    step: (migration: SlotMigration) => Promise<unknown>,
  ): Promise<void> {
    for (const migration of migrations) await step(migration);
    for (const { to } of migrations) await askRedis(to.port, ['script', 'flush']);
  }

  async function migrationsOf(keys: readonly string[]): Promise<SlotMigration[]> {
    const slots = new Set(await Promise.all(keys.map((key) => cluster.slotOf(key))));
    return Promise.all([...slots].map((slot) => cluster.beginMigration(slot)));
  }

  it(
    'loses no verification, admits no extra guess, and lets one claim succeed [S02, R02, R03]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: 10_000 });
      const records = Array.from({ length: VERIFICATIONS }, () => newRecord());
      const limits = records.map(() => newLimit(2));
      await Promise.all(
        records.map((record, place) => store.open(record, limits.slice(place, place + 1), [])),
      );
      const admitted = new Map<string, number>();
      const claimed = new Map<string, number>();
      const count = (counts: Map<string, number>, id: string, isCounted: boolean) =>
        counts.set(id, (counts.get(id) ?? 0) + Number(isCounted));
      const checkAll = () =>
        Promise.all(
          records.flatMap(({ id }) =>
            [1, 2].map(async () => {
              const { ok } = await store.reserveCheck(id, newGuess());
              count(admitted, id, ok);
            }),
          ),
        );
      const claimAll = () =>
        Promise.all(
          records.flatMap(({ id }) =>
            [1, 2].map(async () => {
              const { ok } = await store.complete(id, newCompletion());
              count(claimed, id, ok);
            }),
          ),
        );

      const migrations = await migrationsOf([
        ...records.map(({ id }) => `otp:v{${id}}`),
        ...limits.map(({ key }) => `otp:l{${key}}`),
      ]);
      await checkAll();
      // Every step races with checks.
      await Promise.all([advance(migrations, (each) => each.moveKeys()), checkAll()]);
      // By ASK, to a master that does not know the script.
      await checkAll();
      const charges = await Promise.all(limits.map((limit) => store.charge([limit], createOp())));
      expect(charges).toEqual(limits.map(() => ({ ok: true })));
      await claimAll();
      await Promise.all([advance(migrations, (each) => each.finish()), claimAll()]);
      // By MOVED.
      await claimAll();
      expect([...admitted.values()]).toEqual(records.map(() => stormLimits.maxGuesses));
      expect([...claimed.values()]).toEqual(records.map(() => 1));
      const third = await Promise.all(limits.map((limit) => store.charge([limit], createOp())));
      expect(third.map(({ ok }) => ok)).toEqual(limits.map(() => false));
      const answers = await answersOf(cluster);
      for (const code of ['ASK', 'MOVED', 'NOSCRIPT'])
        expect(answers).toContain(`errorstat_${code}:`);
    },
    TIME_LIMIT_MS,
  );

  it(
    'rejects a call with several keys of a slot until the slot has moved [S02]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: 300 });
      // ioredis repeats a redirected command for two seconds, so the rejected charge may count when the slot moves.
      const limit = newLimit(2);
      const limits = [limit, { ...limit, key: `f:${limit.key}` }];
      const migrations = await migrationsOf([`otp:l{${limit.key}}`]);
      await expect(store.charge(limits, createOp())).rejects.toThrow(/Redis/);
      await advance(migrations, (each) => each.finish());
      expect(await store.charge(limits, createOp())).toEqual({ ok: true });
    },
    TIME_LIMIT_MS,
  );
});

/** The statistics of the errors that the servers have returned. */
async function answersOf({ nodes }: TestCluster): Promise<string> {
  const stats = await Promise.all(nodes.map(({ port }) => askRedis(port, ['info', 'errorstats'])));
  return stats.join('\n');
}
