import { setTimeout as sleep } from 'node:timers/promises';
import type { OtpStore } from '@otp/core/store';
import { providePostgres } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { newCompletion } from '@otp/testing/internal';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanUp, createPostgresStore, migrate } from '../src/index.js';
import { drain, Opened } from './test-database.js';

const schema = 'otp_clean_up';
const opened = new Opened();
let pool: Pool;
let store: OtpStore;

beforeAll(async () => {
  const { url } = await opened.server(providePostgres());
  pool = opened.pool(url, { connectionTimeoutMillis: 0 });
});
beforeEach(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await migrate(pool, { schema });
  store = createPostgresStore({ pool, schema, timeoutMs: 5_000 });
});
afterAll(() => opened.end());

async function openMany(count: number, ttlSeconds: number): Promise<void> {
  const opens = Array.from({ length: count }, () =>
    store.open(newRecord({ ttlSeconds }), [newLimit(5, ttlSeconds)], []),
  );
  await Promise.all(opens);
}

async function countRows(): Promise<number[]> {
  const text = `SELECT (SELECT count(*)::int FROM ${schema}.verification) AS verifications,
    (SELECT count(*)::int FROM ${schema}.counter) AS counters`;
  const [row] = (await pool.query(text)).rows;
  return [row.verifications, row.counters];
}

describe('cleanUp', () => {
  it('removes expired rows only, one batch after another', async () => {
    await openMany(25, 1);
    await openMany(3, 600);
    await sleep(1_100);
    expect(await countRows()).toEqual([28, 28]);
    expect(await cleanUp(pool, { schema, batch: 10 })).toBe(50);
    expect(await countRows()).toEqual([3, 3]);
    expect(await cleanUp(pool, { schema })).toBe(0);
  });

  it('removes each row once, even from four connections at once', async () => {
    await openMany(40, 1);
    await sleep(1_100);
    const removed = await Promise.all(
      Array.from({ length: 4 }, () => cleanUp(pool, { schema, batch: 5 })),
    );
    expect(removed.reduce((sum, each) => sum + each, 0)).toBe(80);
    expect(await countRows()).toEqual([0, 0]);
  });

  it('removes messages and shares, and keeps for a day how much was given back', async () => {
    const limit = { ...newLimit(5, 1), share: 'one' };
    const tally = { key: createOp(), at: 1_000_000, until: 1_000_000, enough: 9 };
    const record = newRecord();
    await store.open(record, [limit], []);
    await store.recordSend(record.id, 1, { tallies: [tally] });
    await store.complete(record.id, newCompletion({ create: [limit] }));
    await sleep(1_100);
    expect(await cleanUp(pool, { schema })).toBe(0);
    for (const table of ['counter', 'tallied']) {
      await pool.query(`UPDATE ${schema}.${table} SET expires_at = now()`);
      expect(await cleanUp(pool, { schema })).toBe(1);
    }
  });

  it('does not wait for a locked row', async () => {
    await openMany(3, 1);
    await sleep(1_100);
    const other = await pool.connect();
    await other.query('BEGIN');
    await other.query(`SELECT FROM ${schema}.verification LIMIT 1 FOR UPDATE`);
    expect(await cleanUp(pool, { schema })).toBe(5);
    await other.query('COMMIT');
    other.release();
    expect(await cleanUp(pool, { schema })).toBe(1);
  });

  it('loses no event of a limit that is charged just after its window has ended', async () => {
    const limit = newLimit(100, 1);
    const long = { ...limit, windows: [{ max: 100, windowSeconds: 600 }] };
    await store.charge([limit], createOp());
    await sleep(1_050);
    const cleaning = Promise.all(Array.from({ length: 20 }, () => cleanUp(pool, { schema })));
    const charges = Array.from({ length: 50 }, () => store.charge([long], createOp()));
    await Promise.all([cleaning, ...charges]);
    expect(await drain(store, long)).toBe(50);
  });
});
