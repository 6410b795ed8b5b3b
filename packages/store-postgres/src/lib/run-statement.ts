import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresClient, PostgresQuery } from './postgres-client.js';
import { codeOf, isSqlState, PostgresStoreError, toStoreError } from './postgres-error.js';

export interface Statement {
  readonly verb: string;
  readonly text: string;
  /** Whether it may be run again when nobody knows whether it was: `op` or the verb itself makes that count once. */
  readonly isIdempotent: boolean;
}

/**
 * What was rolled back has let go of its rows, and at once could have them again before those who wait for them: into the
 * same deadlock.
 */
const PAUSE_MS = 25;

/**
 * Runs a statement, within the limit also when the pool has no connection free. Once more, in what is left of the
 * time, after it was rolled back, and where it is idempotent also after its connection was lost.
 */
export async function runStatement(
  client: PostgresClient,
  { verb, text, isIdempotent }: Statement,
  { values, timeLimitMs }: { values: unknown[]; timeLimitMs: number },
): Promise<readonly unknown[]> {
  const started = performance.now();
  const attempt = async () => {
    const leftMs = Math.max(1, Math.ceil(timeLimitMs - (performance.now() - started)));
    const late = `Postgres took longer than ${timeLimitMs} ms at ${verb}`;
    const { rows } = await within(leftMs, late, client, { text, values });
    return rows;
  };
  try {
    return await attempt();
  } catch (error) {
    if (wasRolledBack(error)) await sleep(PAUSE_MS);
    else if (!(isIdempotent && wasCutOff(error))) throw toStoreError(verb, error);
  }
  return attempt().catch((error) => {
    throw toStoreError(verb, error);
  });
}

async function within(
  ms: number,
  late: string,
  client: PostgresClient,
  query: PostgresQuery,
): Promise<{ readonly rows: readonly unknown[] }> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PostgresStoreError(late)), ms);
  });
  try {
    return await Promise.race([client.query({ ...query, query_timeout: ms }), end]);
  } finally {
    clearTimeout(timer);
  }
}

/** Serialization failure, deadlock: nothing of it has happened. */
function wasRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** A cut connection, or a server that goes down or is not up yet; what it was doing may have happened. */
function wasCutOff(error: unknown): boolean {
  if (error instanceof PostgresStoreError) return false;
  const code = codeOf(error);
  return isSqlState(code) ? code.startsWith('08') || code.startsWith('57P') : true;
}
