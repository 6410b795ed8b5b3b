import type { OtpStore } from '@otp/core/store';
import { startPostgres, startProxy, type TcpProxy, waitUntil } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { drain, Opened, openOne } from './test-database.js';

const opened = new Opened();
let proxy: TcpProxy;
let pool: Pool;
let store: OtpStore;

beforeAll(async () => {
  const server = await opened.server(startPostgres());
  const started = await startProxy({ port: server.port });
  await opened.server(Promise.resolve({ stop: () => started.close() }));
  proxy = started;
  const url = new URL(server.url);
  url.port = String(proxy.port);
  pool = opened.pool(url.href);
  await migrate(pool);
  store = createPostgresStore({ pool, timeoutMs: 2_000 });
});
afterAll(() => opened.end());

/** Loses the reply to the next call of that function, which the server has run. */
function loseReplyTo(call: string): Promise<void> {
  return proxy.loseReplyTo(`otp.${call}(`);
}

const YES_OR_NO = [() => true, () => false] as const;

describe('Postgres store: connections that fail', () => {
  it('a claim whose reply is lost is repeated and returns true [R10]', async () => {
    const id = await openOne(store);
    const lost = loseReplyTo('claim');
    expect(await store.claim(id, createOp())).toBe(true);
    await lost;
    expect(await store.claim(id, createOp())).toBe(false);
  });

  it('a check, an open and a send whose replies are lost count once', async () => {
    const limit = newLimit(9);
    const record = newRecord({ maxSends: 3 });
    const opening = loseReplyTo('open');
    expect(await store.open(record, [limit])).toEqual({ ok: true });
    await opening;
    const checking = loseReplyTo('reserve_check');
    const checked = await store.reserveCheck(record.id, null, createOp());
    expect(checked).toMatchObject({ ok: true, triesLeft: 4 });
    await checking;
    const sending = loseReplyTo('reserve_send');
    const sent = await store.reserveSend(record.id, [limit], createOp());
    expect(sent).toMatchObject({ ok: true, send: 2 });
    await sending;
    const next = await store.reserveSend(record.id, [limit], createOp());
    expect(next).toMatchObject({ ok: true, send: 3 });
    expect(await drain(store, limit)).toBe(6);
  });

  it('a cancel whose reply is lost refunds once', async () => {
    const limit = newLimit(5);
    const record = newRecord();
    await store.open(newRecord(), [limit]);
    await store.open(record, [limit]);
    const lost = loseReplyTo('cancel');
    await store.cancel(record.id, 1, [limit]);
    await lost;
    expect(await drain(store, limit)).toBe(4);
  });

  it.each([
    ['charge', 2],
    ['refund', 4],
  ] as const)('a %s whose reply is lost rejects and is not repeated', async (verb, left) => {
    const limit = newLimit(5);
    for (let index = 0; index < 2; index += 1) await store.charge([limit], createOp());
    const lost = loseReplyTo(verb);
    const call = verb === 'charge' ? store.charge([limit], createOp()) : store.refund([limit]);
    await expect(call).rejects.toThrow('Postgres failed');
    await lost;
    expect(await drain(store, limit)).toBe(left);
  });

  it('after connections were cut, no limit is exceeded and every call ends [S01]', async () => {
    const limit = newLimit(500);
    const calls = Array.from({ length: 300 }, async (_, index) => {
      if (index % 100 === 50) proxy.cut();
      return store.charge([limit], createOp());
    });
    const outcomes = await Promise.allSettled(calls);
    const admitted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    const left = await drain(store, limit);
    expect(left).toBeLessThanOrEqual(500 - admitted);
    expect(left).toBeGreaterThanOrEqual(200);
  });

  it('when the network hangs, a call rejects at its time limit, and later calls work [S01]', async () => {
    const quick = createPostgresStore({ pool, timeoutMs: 300 });
    const id = await openOne(store);
    proxy.set('hang');
    await expect(quick.reserveCheck(id, null, createOp())).rejects.toThrow('longer than 300 ms');
    proxy.set('pass');
    await quick.ping();
    const answer = await store.reserveCheck(id, null, createOp());
    expect(answer.ok).toBe(true);
  });

  it('when the server refuses connections, a call rejects [S01]', async () => {
    proxy.set('refuse');
    await expect(store.ping()).rejects.toThrow(/^Postgres failed at ping/);
    proxy.set('pass');
    // The pool may still hold several dead connections.
    await waitUntil('an answer', () => store.ping().then(...YES_OR_NO));
  });

  it('the time limit includes the wait for a connection of the pool [S01]', async () => {
    const busy = opened.pool(poolUrl(), { max: 1, connectionTimeoutMillis: 0 });
    const quick = createPostgresStore({ pool: busy, timeoutMs: 300 });
    const other = await busy.connect();
    await expect(quick.ping()).rejects.toThrow('longer than 300 ms');
    other.release();
    await quick.ping();
  });
});

function poolUrl(): string {
  return `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
}
