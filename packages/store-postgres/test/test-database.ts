import { randomBytes } from 'node:crypto';
import type { Limit, NewRecord, OtpStore } from '@otp/core/store';
import { Pool, type PoolConfig } from 'pg';

/** As hosts are told to make one: it waits for a connection no longer than the store does. */
export function createTestPool(connectionString: string, config: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 500, max: 10, ...config });
  // What happens to an idle connection; without a listener Node would end the process.
  pool.on('error', () => {});
  return pool;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Keeps what a test file has opened, and ends it in reverse. */
export class Opened {
  readonly #ends: (() => Promise<void>)[] = [];

  async server<T extends Stoppable>(server: Promise<T>): Promise<T> {
    const started = await server;
    this.#ends.push(() => started.stop());
    return started;
  }

  pool(url: string, config?: PoolConfig): Pool {
    const pool = createTestPool(url, config);
    this.#ends.push(() => pool.end());
    return pool;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

export function createOp(): string {
  return randomBytes(12).toString('base64url');
}

export function newRecord(changes: Partial<NewRecord> = {}): NewRecord {
  return {
    id: randomBytes(32).toString('base64url'),
    sealed: randomBytes(120).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxTries: 5,
    maxSends: 5,
    gapsSeconds: [0],
    ...changes,
  };
}

export function newLimit(max: number, windowSeconds = 600): Limit {
  const key = randomBytes(32).toString('base64url');
  return { key, name: 'recipient', windows: [{ max, windowSeconds }] };
}

export async function openOne(store: OtpStore, changes?: Partial<NewRecord>): Promise<string> {
  const record = newRecord(changes);
  const answer = await store.open(record, []);
  if (!answer.ok) throw new Error('must be admitted');
  return record.id;
}

/** How much room a limit has left; takes it. */
export async function drain(store: OtpStore, limit: Limit): Promise<number> {
  for (let taken = 0; ; taken += 1) {
    const { ok } = await store.charge([limit], createOp());
    if (!ok) return taken;
  }
}
