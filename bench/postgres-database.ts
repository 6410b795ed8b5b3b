import { readFileSync } from 'node:fs';
import { migrate } from '@otp/store-postgres';
import { startPostgres } from '@otp/test/servers';
import { Pool } from 'pg';

/** A Postgres with one connection, whose CPU time can be read. */
export interface BenchDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Of this process and of the server's that serves the connection, in microseconds. */
  cpuMicros(): { client: number; server: number };
  stop(): Promise<void>;
}

export async function startDatabase(schemas: readonly string[] = ['otp']): Promise<BenchDatabase> {
  // No vacuum in the middle of a measurement.
  const server = await startPostgres({ autovacuum: 'off', max_wal_size: '8GB' });
  const pool = new Pool({ connectionString: server.url, max: 1, idleTimeoutMillis: 0 });
  for (const schema of schemas) await migrate(pool, { schema });
  const [row] = (await pool.query('SELECT pg_backend_pid() AS pid')).rows;
  return {
    url: server.url,
    pool,
    cpuMicros() {
      const { user, system } = process.cpuUsage();
      // Linux: nanoseconds on a CPU, nanoseconds of waiting for one, slices.
      const [nanos] = readFileSync(`/proc/${row.pid}/schedstat`, 'utf8').split(' ').map(Number);
      return { client: user + system, server: (nanos ?? Number.NaN) / 1000 };
    },
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

export interface Rows {
  readonly schema?: string;
  readonly count: number;
  /** Until they expire; below 0 they have. */
  readonly seconds: number;
}

/** Verifications as a create makes them, with the two counters that each has on average. */
export async function addRows(pool: Pool, { schema = 'otp', count, seconds }: Rows): Promise<void> {
  const ends = `clock_timestamp() + make_interval(secs => ${seconds})`;
  const name = (kind: string) =>
    `'${kind}' || encode(sha256((i || '${schema} ${seconds}')::bytea), 'base64')`;
  await pool.query(`INSERT INTO ${schema}.verification
    (id, sealed, opened_at, expires_at, max_guesses, max_sends, gaps_seconds, next_send_at)
    SELECT ${name('')}, repeat('x', 250), now(), ${ends}, 5, 5, '{30,60,120,240}', ${ends}
    FROM generate_series(1, ${count}) AS i`);
  for (const kind of ['r', 'a']) {
    await pool.query(`INSERT INTO ${schema}.counter
      SELECT ${name(kind)}, '', '{1,1}', ARRAY[${ends}, ${ends}], 1, ${ends}, NULL, 0, '-infinity', ${ends}
      FROM generate_series(1, ${count}) AS i`);
  }
  await pool.query('VACUUM ANALYZE');
  await pool.query('CHECKPOINT');
}
