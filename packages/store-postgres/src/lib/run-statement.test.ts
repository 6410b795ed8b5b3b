import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PostgresClient, PostgresPool } from './postgres-client.js';
import { PostgresStoreError } from './postgres-error.js';
import { runStatement } from './run-statement.js';

const complete = { verb: 'complete', text: 'SELECT 1', values: [], isIdempotent: true };
const charge = { ...complete, verb: 'charge', isIdempotent: false };
const options = { timeoutMs: 200, connectionTimeoutMs: 300 };

/** A client whose first calls fail with the given errors. */
function failing(...errors: unknown[]): PostgresClient & { calls: number } {
  return {
    calls: 0,
    async query() {
      this.calls += 1;
      if (errors.length > 0) throw errors.shift();
      return { rows: ['row'] };
    },
  };
}

function withCode(code: string, message = 'told by the server'): Error {
  return Object.assign(new Error(message), { code, detail: 'Key (id)=(secret)' });
}

describe('runStatement', () => {
  it.each(['40001', '40P01'])('repeats any statement once after %s', async (code) => {
    const client = failing(withCode(code));
    expect(await runStatement(client, charge, options)).toEqual(['row']);
    expect(client.calls).toBe(2);
  });

  it('repeats once and no more', async () => {
    const client = failing(withCode('40001'), withCode('40P01'));
    await expect(runStatement(client, complete, options)).rejects.toMatchObject({ code: '40P01' });
    expect(client.calls).toBe(2);
  });

  it.each([
    new Error('Connection terminated unexpectedly'),
    withCode('ECONNRESET'),
    withCode('EPIPE'),
    withCode('08006'),
    withCode('57P01'),
  ])('repeats only an idempotent statement after %s', async (error) => {
    const idempotent = failing(error);
    expect(await runStatement(idempotent, complete, options)).toEqual(['row']);
    const counting = failing(error);
    await expect(runStatement(counting, charge, options)).rejects.toThrow(
      'Postgres failed at charge',
    );
    expect(counting.calls).toBe(1);
  });

  it.each(['57014', '55P03', '53300', '22008', '23505', '42883'])(
    'does not repeat after %s',
    async (code) => {
      const client = failing(withCode(code));
      await expect(runStatement(client, complete, options)).rejects.toMatchObject({ code });
      expect(client.calls).toBe(1);
    },
  );

  it('a client without connect has the time of both waits; a later failure is not repeated', async () => {
    let fail: (error: Error) => void = () => {};
    let calls = 0;
    const client: PostgresClient = {
      query() {
        calls += 1;
        return new Promise((_, reject) => {
          fail = reject;
        });
      },
    };
    const run = runStatement(client, complete, { timeoutMs: 20, connectionTimeoutMs: 30 });
    await expect(run).rejects.toThrow(
      new PostgresStoreError('Postgres complete took longer than 50 ms'),
    );
    fail(new Error('Connection terminated unexpectedly'));
    await turn();
    expect(calls).toBe(1);
  });

  it.each(['22P02', '23505'])('keeps no message of %s, which quotes values', async (code) => {
    const client = failing(withCode(code, 'it was "secret"'));
    const error: unknown = await runStatement(client, complete, options).catch((thrown) => thrown);
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });

  it('keeps no detail of any error', async () => {
    const error: unknown = await runStatement(failing(withCode('53300')), complete, options).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: '53300', cause: { message: 'told by the server' } });
    expect(error).not.toHaveProperty('cause.detail');
  });
});

/** A pool with one connection, which comes when it is told to. */
function onePool(query: PostgresClient['query']) {
  let come: () => void = () => {};
  const events = new EventEmitter();
  const told: unknown[] = [];
  const connection = Object.assign(events, {
    query(asked: Parameters<PostgresClient['query']>[0]) {
      told.push('query');
      return query(asked);
    },
    release: (isBroken?: boolean) => void told.push(isBroken ? 'close' : 'release'),
  });
  const pool: PostgresPool = {
    query,
    connect: () =>
      new Promise((resolve) => {
        come = () => resolve(connection);
      }),
  };
  return { pool, events, told, come: () => come() };
}

describe('runStatement on a pool', () => {
  it('returns the connection, and closes it after an error', async () => {
    for (const [query, end] of [
      [async () => ({ rows: [] }), 'release'],
      [() => Promise.reject(withCode('57014')), 'close'],
    ] as const) {
      const { pool, told, come } = onePool(query);
      const run = runStatement(pool, charge, options);
      come();
      await run.catch(() => {});
      expect(told).toEqual(['query', end]);
    }
  });

  it('does not run a statement whose connection comes too late', async () => {
    const { pool, told, come } = onePool(async () => ({ rows: [] }));
    const run = runStatement(pool, complete, { timeoutMs: 10, connectionTimeoutMs: 20 });
    await expect(run).rejects.toThrow('a connection for Postgres complete took longer than 20 ms');
    come();
    await turn();
    expect(told).toEqual(['release']);
  });

  it('does not count the wait for a connection against the time of the statement', async () => {
    const { pool, come } = onePool(async ({ query_timeout }) => ({ rows: [query_timeout] }));
    const run = runStatement(pool, complete, { timeoutMs: 20, connectionTimeoutMs: 10_000 });
    setTimeout(come, 60);
    expect(await run).toEqual([40]);
  });

  it('rejects at the time limit of the statement, and keeps the connection until it has ended', async () => {
    let end: () => void = () => {};
    const { pool, told, come } = onePool(
      () =>
        new Promise((resolve) => {
          end = () => resolve({ rows: [] });
        }),
    );
    const run = runStatement(pool, complete, { ...options, timeoutMs: 20 });
    come();
    await expect(run).rejects.toThrow('Postgres complete took longer than 20 ms');
    expect(told).toEqual(['query']);
    end();
    await turn();
    expect(told).toEqual(['query', 'release']);
  });

  it('survives the error that a lost connection emits', async () => {
    const { pool, events, come } = onePool(async () => {
      events.emit('error', new Error('Connection terminated unexpectedly'));
      return { rows: ['row'] };
    });
    const run = runStatement(pool, complete, options);
    come();
    expect(await run).toEqual(['row']);
    expect(events.listenerCount('error')).toBe(0);
  });

  it('a repeat has what is left of the time to wait for a connection', async () => {
    let connects = 0;
    const { pool, come } = onePool(() => Promise.reject(withCode('40001')));
    const twice: PostgresPool = {
      ...pool,
      connect() {
        connects += 1;
        const connecting = pool.connect?.();
        if (connecting === undefined) throw new Error('has connect');
        if (connects === 1) setTimeout(come, 40);
        return connecting;
      },
    };
    const run = runStatement(twice, complete, { timeoutMs: 20, connectionTimeoutMs: 100 });
    await expect(run).rejects.toThrow(
      /^a connection for Postgres complete took longer than [1-5]?\d ms$/,
    );
    expect(connects).toBe(2);
  });
});
