import type { PostgresConnection, PostgresPool } from './postgres-client.js';

/** Two views of one pool. */
export interface Turns {
  /** For what begins a request. */
  readonly begin: PostgresPool;
  /** For what ends one: goes first. */
  readonly end: PostgresPool;
}

/**
 * Asks the pool for as many connections as it has, and keeps the other statements in two queues. In a burst, the success of
 * a check goes before guesses that wait: behind them it would come too late, and its guess would be used up for nothing.
 */
export function inTurns(pool: PostgresPool): Turns {
  const { connect, options } = pool;
  if (connect === undefined) return { begin: pool, end: pool };
  let free = options?.max ?? Number.POSITIVE_INFINITY;
  const ending: (() => void)[] = [];
  const beginning: (() => void)[] = [];
  const give = () => {
    const next = ending.shift() ?? beginning.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const connectIn = (queue: (() => void)[]) => async (): Promise<PostgresConnection> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((take) => queue.push(take));
    try {
      const connection = await connect.call(pool);
      return {
        query: (query) => connection.query(query),
        on: (event, listener) => connection.on(event, listener),
        off: (event, listener) => connection.off(event, listener),
        release(isBroken) {
          connection.release(isBroken);
          give();
        },
      };
    } catch (error) {
      give();
      throw error;
    }
  };
  const query = pool.query.bind(pool);
  return {
    begin: { query, connect: connectIn(beginning) },
    end: { query, connect: connectIn(ending) },
  };
}
