import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTurns } from './in-turns.js';
import type { PostgresConnection, PostgresPool } from './postgres-client.js';

const query = async () => ({ rows: [] });

/** A pool whose first connections fail with the given errors. */
function poolOf(max: number | undefined, ...errors: Error[]) {
  const seen = { asked: 0, released: [] as unknown[] };
  const connection: PostgresConnection = {
    query,
    on: () => undefined,
    off: () => undefined,
    release: (isBroken) => void seen.released.push(isBroken),
  };
  const pool: PostgresPool = {
    query,
    async connect() {
      seen.asked += 1;
      const error = errors.shift();
      if (error !== undefined) throw error;
      return connection;
    },
    ...(max === undefined ? {} : { options: { max } }),
  };
  return { ...inTurns(pool), seen };
}

it('asks for no more connections than the pool has, first for what ends a request', async () => {
  const { begin, end, seen } = poolOf(1);
  const order: string[] = [];
  const ask = async (name: string, pool: PostgresPool) => {
    const connection = await pool.connect?.();
    order.push(name);
    await turn();
    connection?.release(name === 'broken');
  };
  const names = ['first', 'second', 'broken'].map((name) => ask(name, begin));
  const last = ask('success', end);
  expect(seen.asked).toBe(1);
  await Promise.all([...names, last]);
  expect(order).toEqual(['first', 'success', 'second', 'broken']);
  expect(seen.released).toEqual([false, false, false, true]);
});

it('passes the turn on when the pool has no connection', async () => {
  const { begin, end } = poolOf(1, new Error('refused'));
  const [failed, next] = [begin.connect?.(), end.connect?.()];
  await expect(failed).rejects.toThrow('refused');
  expect(await next).toMatchObject({ query: expect.any(Function) });
});

it('asks for all connections at once if the size of the pool is unknown', () => {
  const { begin, seen } = poolOf(undefined);
  for (let index = 0; index < 50; index += 1) void begin.connect?.();
  expect(seen.asked).toBe(50);
});
