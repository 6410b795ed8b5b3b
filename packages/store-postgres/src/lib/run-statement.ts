import { setTimeout as sleep } from 'node:timers/promises';
import { withTimeLimit } from '@otp/core/store';
import type { PostgresClient } from './postgres-client.js';
import { toStoreError, wasCutOff, wasRolledBack } from './postgres-error.js';

export interface Statement {
  readonly verb: string;
  readonly text: string;
  /** True when a statement that may have run can be run again, because `op` or the verb itself makes it count once. */
  readonly isIdempotent: boolean;
}

export interface RunOptions {
  readonly values: unknown[];
  /** Time limit of the statement and its repeat together, in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since any moment. @default performance.now */
  readonly now?: () => number;
}

/**
 * A statement that was rolled back has released its rows. Repeated at once, it could lock them before the statements
 * that wait for them, and meet the same deadlock.
 */
const PAUSE_MS = 25;

/**
 * Runs a statement within the time limit, which includes the wait for a connection. Repeats it once after a rollback
 * and, if it is idempotent, after its connection was lost.
 */
export async function runStatement(
  client: PostgresClient,
  { verb, text, isIdempotent }: Statement,
  { values, timeoutMs, now = () => performance.now() }: RunOptions,
): Promise<readonly unknown[]> {
  const startedAt = now();
  const run = async () => {
    const query_timeout = Math.max(1, Math.ceil(timeoutMs - (now() - startedAt)));
    const { rows } = await client.query({ text, values, query_timeout });
    return rows;
  };
  try {
    return await withTimeLimit(`Postgres ${verb}`, timeoutMs, async (signal) => {
      try {
        return await run();
      } catch (error) {
        if (wasRolledBack(error)) await sleep(PAUSE_MS);
        else if (!(isIdempotent && wasCutOff(error))) throw error;
      }
      signal.throwIfAborted();
      return run();
    });
  } catch (error) {
    throw toStoreError(verb, error);
  }
}
