import { setTimeout as sleep } from 'node:timers/promises';
import { TimeLimitError, withTimeLimit } from '@otp/core/store';
import type {
  PostgresClient,
  PostgresConnection,
  PostgresPool,
  PostgresQuery,
} from './postgres-client.js';
import { isAway, toStoreError, wasCutOff, wasRolledBack } from './postgres-error.js';

export interface Statement {
  readonly verb: string;
  readonly text: string;
  readonly values: unknown[];
  /** True when a statement that may have run can be run again, because `op` or the verb itself makes it count once. */
  readonly isIdempotent: boolean;
}

/** In milliseconds. */
export interface TimeLimits {
  /** Of a statement, once it has a connection. */
  readonly timeoutMs: number;
  /** Of the wait for a connection, from the call on, also of a repeat. */
  readonly connectionTimeoutMs: number;
}

/**
 * A statement that was rolled back has released its rows. Repeated at once, it could lock them before the statements
 * that wait for them, and meet the same deadlock.
 */
const PAUSE_MS = 25;

/**
 * Runs a statement within the time limits. Repeats it once after a rollback and, if it is idempotent, after its connection
 * was lost.
 */
export async function runStatement(
  pool: PostgresPool,
  statement: Statement,
  limits: TimeLimits,
): Promise<readonly unknown[]> {
  const startedAt = performance.now();
  const run = () => {
    const passedMs = performance.now() - startedAt;
    const connectionTimeoutMs = Math.max(1, Math.ceil(limits.connectionTimeoutMs - passedMs));
    return runOnce(pool, statement, { ...limits, connectionTimeoutMs });
  };
  try {
    return await run().catch(async (error: unknown) => {
      if (wasRolledBack(error)) await sleep(PAUSE_MS);
      else if (!(statement.isIdempotent && wasCutOff(error))) throw error;
      return run();
    });
  } catch (error) {
    throw toStoreError(statement.verb, error);
  }
}

async function runOnce(
  pool: PostgresPool,
  { verb, text, values }: Statement,
  { timeoutMs, connectionTimeoutMs }: TimeLimits,
): Promise<readonly unknown[]> {
  const run = async (limitMs: number, client: PostgresClient) => {
    // Later than ours, so that a reply that has arrived is read, and a statement that was given up is not repeated.
    const query = { text, values, query_timeout: 2 * limitMs };
    return (await withTimeLimit(`Postgres ${verb}`, limitMs, () => client.query(query))).rows;
  };
  // A client without `connect` waits for a connection within `query`.
  const { connect } = pool;
  if (connect === undefined) return run(connectionTimeoutMs + timeoutMs, pool);
  const subject = `a connection for Postgres ${verb}`;
  let refusal: unknown;
  const connection = await withTimeLimit(subject, connectionTimeoutMs, async (signal) => {
    for (;;) {
      try {
        const found = await connect.call(pool);
        // It has come too late and goes back unused: a statement that was given up never runs.
        if (signal.aborted) found.release();
        return found;
      } catch (error) {
        // Nothing has run, so any statement may wait for the server.
        if (signal.aborted || !isAway(error)) throw error;
        refusal = error;
        await sleep(PAUSE_MS);
      }
    }
  }).catch((error: unknown) => {
    // Says more than that the time is up.
    throw error instanceof TimeLimitError && refusal ? toStoreError(verb, refusal) : error;
  });
  return run(timeoutMs, { query: (each) => queryAndRelease(connection, each) });
}

/** As `query` of a pool does: after an error the connection is closed. */
async function queryAndRelease(
  connection: PostgresConnection,
  query: PostgresQuery,
): Promise<{ readonly rows: readonly unknown[] }> {
  // `pg` also emits an error that the query is rejected with; without a listener Node would end the process.
  const ignore = () => {};
  connection.on('error', ignore);
  let failure: unknown;
  try {
    return await connection.query(query);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    connection.off('error', ignore);
    connection.release(failure !== undefined);
  }
}
