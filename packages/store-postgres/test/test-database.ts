import type { Completion, Limit, NewRecord, OtpStore } from '@otp/core/store';
import { createOp, newRecord } from '@otp/test/store-samples';
import { newCompletion } from '@otp/testing/internal';
import { Pool, type PoolConfig } from 'pg';

/** Creates a pool as the README says. */
export function createTestPool(
  connectionString: string,
  config: PoolConfig = {},
  PoolOfVersion = Pool,
): Pool {
  const pool = new PoolOfVersion({
    connectionString,
    connectionTimeoutMillis: 2_000,
    max: 10,
    ...config,
  });
  // Errors of idle connections; without a listener Node would end the process.
  pool.on('error', () => {});
  return pool;
}

/** Time limits for calls that queue for ten connections, or that a busy machine makes late. */
export const PATIENT = { connectionTimeoutMs: 20_000, timeoutMs: 10_000 };

interface Stoppable {
  stop(): Promise<void>;
}

/** Ends the servers and pools of a test file in reverse order. */
export class Opened {
  readonly #ends: (() => Promise<void>)[] = [];

  async server<T extends Stoppable>(server: Promise<T>): Promise<T> {
    const started = await server;
    this.#ends.push(() => started.stop());
    return started;
  }

  pool(url: string, config?: PoolConfig, PoolOfVersion?: typeof Pool): Pool {
    const pool = createTestPool(url, config, PoolOfVersion);
    this.#ends.push(() => pool.end());
    return pool;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

export async function openOne(store: OtpStore, changes?: Partial<NewRecord>): Promise<string> {
  const record = newRecord(changes);
  const answer = await store.open(record, [], []);
  if (!answer.ok) throw new Error('must be admitted');
  return record.id;
}

/** Completes a verification; returns whether it was this call. */
export async function complete(
  store: OtpStore,
  id: string,
  changes?: Partial<Completion>,
): Promise<boolean> {
  return (await store.complete(id, newCompletion(changes))).ok;
}

/** Charges a limit until it refuses, and returns how often it was charged. */
export async function drain(store: OtpStore, limit: Limit): Promise<number> {
  for (let taken = 0; ; taken += 1) {
    const { ok } = await store.charge([limit], createOp());
    if (!ok) return taken;
  }
}
