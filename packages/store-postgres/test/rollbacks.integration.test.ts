import { inspect } from 'node:util';
import type { OtpStore } from '@otp/core/store';
import { startPostgres, waitUntil } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { newCompletion, newGuess } from '@otp/testing/internal';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate, PostgresStoreError } from '../src/index.js';
import { complete, drain, Opened, openOne } from './test-database.js';

const opened = new Opened();
let url = '';
let host: Pool;
let store: OtpStore;

beforeAll(async () => {
  const server = await opened.server(startPostgres({ deadlock_timeout: '300ms' }));
  url = server.url;
  host = opened.pool(url);
  await migrate(host);
  store = createPostgresStore({ pool: host });
});
afterAll(() => opened.end());

/** Creates a store whose connections have a setting of the host. */
function storeWith(setting: string, timeoutMs = 5_000): OtpStore {
  const pool = opened.pool(url, { options: `-c ${setting}`, max: 20, connectionTimeoutMillis: 0 });
  return createPostgresStore({ pool, timeoutMs });
}

async function isWaitingForLock(): Promise<void> {
  await waitUntil('a wait for a lock', async () => {
    const { rows } = await host.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });
}

/** Runs a statement in a transaction of the host, which commits when `work` waits for its lock. */
async function whileLocked<T>(sql: string, values: unknown[], work: () => Promise<T>): Promise<T> {
  const other = await host.connect();
  try {
    await other.query('BEGIN');
    await other.query(sql, values);
    const result = work();
    await isWaitingForLock();
    await other.query('COMMIT');
    return await result;
  } finally {
    other.release(true);
  }
}

const TOUCH = `UPDATE otp.verification SET channel = 'sms' WHERE id = $1`;

describe('Postgres store: statements that the server rolls back', () => {
  it('a serialization failure is repeated and counts one try [S03]', async () => {
    const strict = storeWith('default_transaction_isolation=serializable');
    const id = await openOne(strict);
    const answer = await whileLocked(TOUCH, [id], () => strict.reserveCheck(id, newGuess()));
    expect(answer).toMatchObject({ ok: true, guessesLeft: 4 });
    expect(await strict.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 3 });
  });

  it('100 claims at once at serializable: one success [S03]', async () => {
    const strict = storeWith('default_transaction_isolation=serializable');
    const id = await openOne(strict);
    const claims = Array.from({ length: 100 }, () => complete(strict, id));
    const outcomes = await Promise.allSettled(claims);
    const told = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(told.filter(Boolean)).toHaveLength(1);
    for (const each of outcomes) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: '40001' });
    }
  });

  it('100 charges at once at repeatable read: never over the limit [S03]', async () => {
    const strict = storeWith('default_transaction_isolation=repeatable\\ read');
    const limit = newLimit(10);
    const charges = Array.from({ length: 100 }, () => strict.charge([limit], createOp()));
    const outcomes = await Promise.allSettled(charges);
    const admitted = outcomes.filter((each) => each.status === 'fulfilled' && each.value.ok);
    expect(admitted.length).toBeLessThanOrEqual(10);
    expect(await drain(strict, limit)).toBe(10 - admitted.length);
  });

  it('a deadlock with the host is repeated and counts one send [S03]', async () => {
    const patient = createPostgresStore({ pool: host, timeoutMs: 5_000 });
    const id = await openOne(patient, { maxSends: 2 });
    const limit = newLimit(5);
    const other = await host.connect();
    await other.query('BEGIN');
    // The server must roll back the statement of the store, not this one.
    await other.query(`SET LOCAL deadlock_timeout = '60s'`);
    await other.query(TOUCH, [id]);
    const send = patient.reserveSend(id, [limit], createOp());
    await isWaitingForLock();
    await other.query('SELECT otp.lock_keys($1)', [JSON.stringify([limit])]);
    await other.query('COMMIT');
    other.release();
    expect(await send).toMatchObject({ ok: true, send: 2 });
    expect(await patient.reserveSend(id, [], createOp())).toMatchObject({ limit: 'sends' });
    expect(await drain(patient, limit)).toBe(4);
  });

  it("a statement that exceeds the host's statement_timeout rejects and counts nothing [S03]", async () => {
    const hasty = storeWith('statement_timeout=200');
    const id = await openOne(hasty);
    const other = await host.connect();
    await other.query('BEGIN');
    await other.query(TOUCH, [id]);
    await expect(hasty.reserveCheck(id, newGuess())).rejects.toMatchObject({ code: '57014' });
    await expect(complete(hasty, id)).rejects.toMatchObject({ code: '57014' });
    await other.query('ROLLBACK');
    other.release();
    expect(await hasty.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 4 });
    expect(await complete(hasty, id)).toBe(true);
  });

  it('a statement waits for its lock for 2 s at most', async () => {
    const id = await openOne(store);
    const other = await host.connect();
    await other.query('BEGIN');
    await other.query(TOUCH, [id]);
    // PgBouncer keeps the connection of a client that has left until its statement has ended.
    const waiting = host.query('SELECT otp.complete($1)', [
      JSON.stringify({ id, ...newCompletion() }),
    ]);
    await expect(waiting).rejects.toMatchObject({ code: '55P03' });
    await other.query('ROLLBACK');
    other.release();
    expect(await complete(store, id)).toBe(true);
  });

  it('an error holds no argument of the call [S09, P01]', async () => {
    const bad = newRecord({ ttlSeconds: Number.MAX_VALUE, sealed: 'marked-sealed' });
    const limit = { ...newLimit(1), key: 'marked-key' };
    const error = await store.open(bad, [limit], []).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PostgresStoreError);
    expect(error).toMatchObject({ code: expect.stringMatching(/^22/) });
    const text = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [bad.id, 'marked-sealed', 'marked-key', '1.797']) {
      expect(text).not.toContain(secret);
    }
    expect(await drain(store, limit)).toBe(1);
  });
});
