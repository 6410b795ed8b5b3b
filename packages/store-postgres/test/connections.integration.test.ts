import type { OtpStore } from '@otp/core/store';
import { startPostgres, startProxy, type TcpProxy, waitUntil } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { cookieOf } from '@otp/testing';
import {
  email,
  newCompletion,
  newGuess,
  setUp,
  tally,
  times,
  UNLIMITED,
} from '@otp/testing/internal';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { complete, drain, Opened, openOne } from './test-database.js';

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
  it('a success whose reply is lost is repeated, and gives back once [R10]', async () => {
    const limit = newLimit(5);
    const id = await openOne(store);
    for (let index = 0; index < 3; index += 1) await store.charge([limit], createOp());
    const lost = loseReplyTo('complete');
    const completion = newCompletion({ token: newLimit(1), guess: [limit] });
    expect(await store.complete(id, completion)).toEqual({ ok: true });
    await lost;
    expect(await complete(store, id)).toBe(false);
    expect(await drain(store, limit)).toBe(3);
  });

  it('a check, an open and a send whose replies are lost count once', async () => {
    const limit = newLimit(9);
    const record = newRecord({ maxSends: 3 });
    const opening = loseReplyTo('open');
    expect(await store.open(record, [limit], [])).toMatchObject({ ok: true });
    await opening;
    const checking = loseReplyTo('reserve_check');
    const guess = newGuess({ limits: [limit] });
    const checked = await store.reserveCheck(record.id, guess);
    expect(checked).toMatchObject({ ok: true, guessesLeft: 4 });
    await checking;
    const sending = loseReplyTo('reserve_send');
    const sent = await store.reserveSend(record.id, [limit], createOp());
    expect(sent).toMatchObject({ ok: true, send: 2 });
    await sending;
    const next = await store.reserveSend(record.id, [limit], createOp());
    expect(next).toMatchObject({ ok: true, send: 3 });
    expect(await drain(store, limit)).toBe(5);
  });

  it('a cancel whose reply is lost refunds once', async () => {
    const limit = newLimit(5);
    const record = newRecord();
    await store.open(newRecord(), [limit], []);
    await store.open(record, [limit], []);
    const lost = loseReplyTo('cancel');
    await store.cancel(record.id, 1, [limit]);
    await lost;
    expect(await drain(store, limit)).toBe(4);
  });

  it('a charge whose reply is lost rejects and is not repeated', async () => {
    const limit = newLimit(5);
    const lost = loseReplyTo('charge');
    await expect(store.charge([limit], createOp())).rejects.toThrow('Postgres failed');
    await lost;
    expect(await drain(store, limit)).toBe(4);
  });

  it('a message whose recording gets no reply is recorded once', async () => {
    const tally = { key: createOp(), at: 1_000_000, until: 1_000_000, enough: 9 };
    const lost = loseReplyTo('record_send');
    const recording = store.recordSend(createOp(), 1, { tallies: [tally] });
    await expect(recording).rejects.toThrow('Postgres failed');
    await lost;
    const opened = await store.open(newRecord(), [], [tally]);
    expect(opened).toEqual({ ok: true, tallied: [{ sent: 1, verified: 0 }] });
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
    await expect(quick.reserveCheck(id, newGuess())).rejects.toThrow('Postgres');
    proxy.set('pass');
    await quick.ping();
    const answer = await store.reserveCheck(id, newGuess());
    expect(answer.ok).toBe(true);
  });

  it('a server that is back in time is waited for, also by what cannot be repeated [S01]', async () => {
    const fresh = createPostgresStore({ pool: opened.pool(poolUrl(), { max: 1 }) });
    const limit = newLimit(5);
    proxy.set('refuse');
    const charges = [1, 2, 3].map(() => fresh.charge([limit], createOp()));
    setTimeout(() => proxy.set('pass'), 300);
    expect((await Promise.all(charges)).every(({ ok }) => ok)).toBe(true);
    expect(await drain(store, limit)).toBe(2);
  });

  it('when the server refuses connections, a call rejects [S01]', async () => {
    proxy.set('refuse');
    await expect(store.ping()).rejects.toThrow(/^Postgres failed at ping/);
    proxy.set('pass');
    // The pool may still hold several dead connections.
    await waitUntil('an answer', () => store.ping().then(...YES_OR_NO));
  });

  it('a guess that was given up while it waited for a connection is never counted [S01]', async () => {
    const busy = opened.pool(poolUrl(), { max: 1, connectionTimeoutMillis: 0 });
    const quick = createPostgresStore({ pool: busy, connectionTimeoutMs: 100 });
    const id = await openOne(store);
    const other = await busy.connect();
    const reserved = quick.reserveCheck(id, newGuess());
    await expect(reserved).rejects.toThrow('a connection for Postgres reserveCheck took longer');
    other.release();
    await quick.ping();
    expect(await store.read(id)).toMatchObject({ guessesLeft: 5 });
  });

  it('in a burst, the check that has a guess succeeds before others wait too long [R02, S19]', async () => {
    const busy = opened.pool(poolUrl(), { max: 1 });
    const t = setUp({ store: createPostgresStore({ pool: busy }), limits: UNLIMITED });
    const cookie = cookieOf(await t.create(email('burst@example.com')));
    proxy.delay(25);
    // Together they would take twice the time that each of them has.
    const checks = times(80, () => t.check(cookie, t.code()));
    const answers = tally(await Promise.all(checks));
    proxy.delay(0);
    expect(answers).toMatchObject({ 200: 1 });
  });

  it('a statement has its whole time limit after it has waited for a connection', async () => {
    const busy = opened.pool(poolUrl(), { max: 1 });
    const quick = createPostgresStore({ pool: busy, timeoutMs: 300 });
    const other = await busy.connect();
    setTimeout(() => other.release(), 600);
    await quick.ping();
  });
});

function poolUrl(): string {
  return `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
}
