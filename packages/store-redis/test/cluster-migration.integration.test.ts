import {
  askRedis,
  type SlotMigration,
  startRedisCluster,
  type TestCluster,
} from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { connect } from './connect.js';
import { limitOf, newRecord, randomOp, stormLimits } from './storm.js';

const TIME_LIMIT_MS = 120_000;
const VERIFICATIONS = 6;

describe('slots of a Redis Cluster that move while verifications live in them', () => {
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

  /** Does `step` to each slot; the new masters have then forgotten every script. */
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
    'loses no verification, admits no try too many, and lets one claim succeed [S02, R02, R03]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: 10_000 });
      const records = Array.from({ length: VERIFICATIONS }, () => newRecord());
      const limits = records.map(() => limitOf(2));
      await Promise.all(
        records.map((record, place) => store.open(record, limits.slice(place, place + 1))),
      );
      const admitted = new Map<string, number>();
      const claimed = new Map<string, number>();
      const count = (counts: Map<string, number>, id: string, isCounted: boolean) =>
        counts.set(id, (counts.get(id) ?? 0) + Number(isCounted));
      const checkAll = () =>
        Promise.all(
          records.flatMap(({ id }) =>
            [1, 2].map(async () => {
              const { ok } = await store.reserveCheck(id, null, randomOp());
              count(admitted, id, ok);
            }),
          ),
        );
      const claimAll = () =>
        Promise.all(
          records.flatMap(({ id }) =>
            [1, 2].map(async () => count(claimed, id, await store.claim(id, randomOp()))),
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
      const charges = await Promise.all(limits.map((limit) => store.charge([limit], randomOp())));
      expect(charges).toEqual(limits.map(() => ({ ok: true })));
      await claimAll();
      await Promise.all([advance(migrations, (each) => each.finish()), claimAll()]);
      // By MOVED.
      await claimAll();
      expect([...admitted.values()]).toEqual(records.map(() => stormLimits.maxTries));
      expect([...claimed.values()]).toEqual(records.map(() => 1));
      const third = await Promise.all(limits.map((limit) => store.charge([limit], randomOp())));
      expect(third.map(({ ok }) => ok)).toEqual(limits.map(() => false));
      const answers = await answersOf(cluster);
      for (const code of ['ASK', 'MOVED', 'NOSCRIPT'])
        expect(answers).toContain(`errorstat_${code}:`);
    },
    TIME_LIMIT_MS,
  );

  it(
    'hears from the replicas of the master that has the verification by then [S02]',
    async () => {
      const store = createRedisStore({
        client,
        timeoutMs: 10_000,
        replicasAtClaim: { count: 1, timeoutMs: 5_000 },
      });
      const [asked, moved] = [newRecord(), newRecord()];
      await Promise.all([asked, moved].map((record) => store.open(record, [])));
      const migrations = await migrationsOf([asked, moved].map(({ id }) => `otp:v{${id}}`));
      await advance(migrations, (each) => each.moveKeys());
      expect(await store.claim(asked.id, randomOp())).toBe(true);
      expect(await store.claim(asked.id, randomOp())).toBe(false);
      await advance(migrations, (each) => each.finish());
      expect(await store.claim(moved.id, randomOp())).toBe(true);
      expect(await store.claim(moved.id, randomOp())).toBe(false);
    },
    TIME_LIMIT_MS,
  );

  it(
    'rejects what needs several keys of a slot until it has moved, and takes it then [S02]',
    async () => {
      const store = createRedisStore({ client, timeoutMs: 300 });
      // What was given up is still offered to the cluster for two seconds, and may be counted when it moves.
      const limit = limitOf(2);
      const limits = [limit, { ...limit, key: `f:${limit.key}` }];
      const migrations = await migrationsOf([`otp:l{${limit.key}}`]);
      await expect(store.charge(limits, randomOp())).rejects.toThrow(/Redis/);
      await advance(migrations, (each) => each.finish());
      expect(await store.charge(limits, randomOp())).toEqual({ ok: true });
    },
    TIME_LIMIT_MS,
  );
});

/** The errors that the servers have answered with. */
async function answersOf({ nodes }: TestCluster): Promise<string> {
  const stats = await Promise.all(nodes.map(({ port }) => askRedis(port, ['info', 'errorstats'])));
  return stats.join('\n');
}
