import { createPostgresStore } from '@otp/store-postgres';
import { startProxy } from '@otp/test/servers';
import { Pool } from 'pg';
import { median } from './measure.js';
import { createClient } from './postgres-client.js';
import { addRows, type BenchDatabase, startDatabase } from './postgres-database.js';
import { create } from './store-calls.js';

const ROUNDS = 9;
const CALLS = 200;

interface Cost {
  readonly client: number;
  readonly server: number;
}

/** Medians over rounds in which each work has its turn, in microseconds a call. */
async function costs(database: BenchDatabase) {
  const client = createClient(database.pool);
  const found = { ping: [] as Cost[], create: [] as Cost[], check: [] as Cost[] };
  for (let round = 0; round < ROUNDS + 2; round += 1) {
    const opened: Awaited<ReturnType<typeof client.create>>[] = [];
    const works = {
      ping: () => database.pool.query('SELECT 1'),
      create: async () => opened.push(await client.create()),
      check: async (index: number) => {
        const one = opened[index];
        if (one !== undefined) await client.check(one);
      },
    };
    for (const name of ['ping', 'create', 'check'] as const) {
      const before = database.cpuMicros();
      for (let index = 0; index < CALLS; index += 1) await works[name](index);
      const after = database.cpuMicros();
      const each = (end: number, start: number) => (end - start) / CALLS;
      const cost = {
        client: each(after.client, before.client),
        server: each(after.server, before.server),
      };
      // The first rounds only warm up.
      if (round >= 2) found[name].push(cost);
    }
  }
  const middle = (list: readonly Cost[]): Cost => ({
    client: median(list.map(({ client: each }) => each)),
    server: median(list.map(({ server }) => server)),
  });
  return { ping: middle(found.ping), create: middle(found.create), check: middle(found.check) };
}

type Costs = Awaited<ReturnType<typeof costs>>;

function printCosts(title: string, found: Costs): void {
  console.log(`\n${title}; CPU, and to SELECT 1`);
  for (const [work, { client, server }] of Object.entries(found)) {
    const ratio = (client + server) / (found.ping.client + found.ping.server);
    const perSecond = 1e6 / (client + server);
    console.log(
      `  ${work.padEnd(8)} client ${client.toFixed(0).padStart(5)} µs  server ${server.toFixed(0).padStart(5)} µs  ${perSecond.toFixed(0).padStart(6)} per CPU-second  ${ratio.toFixed(2)}x`,
    );
  }
}

const AT_ONCE = 64;
const CONNECTIONS = 20;
const BURST = 1_000;
const BYTES_COUNT = 20_000;
const P99_BUDGETS = { create: 5, check: 7 };

/** In milliseconds, of calls by 64 callers. */
async function latencies(count: number, call: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const caller = async () => {
    for (; left > 0; ) {
      left -= 1;
      const started = performance.now();
      await call();
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return times.sort((a, b) => a - b);
}

function at(times: readonly number[], part: number): number {
  return times[Math.floor(part * times.length)] ?? Number.NaN;
}

/** Medians over rounds in which each work has its turn. */
async function benchAtOnce({ url }: BenchDatabase): Promise<void> {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS });
  const client = createClient(pool);
  const opened: Awaited<ReturnType<typeof client.create>>[] = [];
  const works = {
    ping: () => pool.query('SELECT 1'),
    create: async () => opened.push(await client.create()),
    check: async () => {
      const one = opened.pop();
      if (one !== undefined) await client.check(one);
    },
  };
  const found = { ping: [] as number[][], create: [] as number[][], check: [] as number[][] };
  for (let round = 0; round < ROUNDS + 1; round += 1) {
    for (const name of ['ping', 'create', 'check'] as const) {
      const times = await latencies(2_000, works[name]);
      if (round > 0) found[name].push(times);
    }
  }
  const middle = (name: keyof typeof works, part: number) =>
    median(found[name].map((times) => at(times, part)));
  console.log(`\n${AT_ONCE} at once on ${CONNECTIONS} connections; p99 to that of SELECT 1`);
  for (const name of ['ping', 'create', 'check'] as const) {
    const p99 = middle(name, 0.99);
    const ratio = p99 / middle('ping', 0.99);
    const budget = name === 'ping' ? undefined : P99_BUDGETS[name];
    const verdict =
      budget === undefined ? '' : `  budget ${budget}x  ${ratio <= budget ? 'ok' : 'OVER'}`;
    console.log(
      `  ${name.padEnd(8)} p50 ${middle(name, 0.5).toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  ${ratio.toFixed(2)}x${verdict}`,
    );
  }
  await pool.end();
}

/** One process, a pool of ten, and 5 ms more for each statement. */
async function benchBurst({ url }: BenchDatabase): Promise<void> {
  const proxy = await startProxy({ port: Number(new URL(url).port) });
  proxy.delay(2.5);
  const distant = new URL(url);
  distant.port = String(proxy.port);
  const pool = new Pool({ connectionString: distant.href, max: 10 });
  const store = createPostgresStore({ pool });
  const counts: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    const creates = Array.from({ length: BURST }, () => create(store));
    const results = await Promise.allSettled(creates);
    times.push(performance.now() - started);
    counts.push(results.filter(({ status }) => status === 'fulfilled').length);
  }
  console.log(
    `\n${BURST} creates at once on 10 connections, each statement 5 ms slower: ${Math.min(...counts)} to ${Math.max(...counts)} pass, in ${median(times).toFixed(0)} ms`,
  );
  await pool.end();
  await proxy.close();
}

/** With the counters of recipient, address and network. */
async function benchBytes({ url, pool }: BenchDatabase): Promise<void> {
  await pool.query('TRUNCATE otp.verification, otp.counter');
  const many = new Pool({ connectionString: url, max: CONNECTIONS });
  const client = createClient(many);
  await latencies(BYTES_COUNT, () => client.create());
  await many.end();
  const size = (table: string) => `pg_total_relation_size('otp.${table}')`;
  const [row] = (
    await pool.query(
      `SELECT ${size('verification')}::int AS record, ${size('counter')}::int AS counters`,
    )
  ).rows;
  const each = (bytes: number) => (bytes / BYTES_COUNT).toFixed(0);
  console.log(
    `bytes of a verification with its indexes: ${each(row.record)}, with its counters ${each(row.record + row.counters)}`,
  );
}

/** Budget: flat within 20 %, as what a call costs to SELECT 1 of the same minute. */
function printGrowth(few: Costs, many: Costs): void {
  for (const work of ['create', 'check'] as const) {
    const total = (found: Costs) =>
      (found[work].client + found[work].server) / (found.ping.client + found.ping.server);
    const growth = total(many) / total(few);
    const verdict = growth <= 1.2 ? 'ok' : 'OVER';
    console.log(`  ${work} grows by ${growth.toFixed(2)}x  budget 1.20x  ${verdict}`);
  }
}

export async function benchPostgres(): Promise<void> {
  const database = await startDatabase();
  try {
    const live = { seconds: 3_600 };
    await addRows(database.pool, { count: 1_000, ...live });
    const few = await costs(database);
    printCosts('Postgres, 1,000 live verifications', few);
    await benchAtOnce(database);
    await benchBurst(database);
    await benchBytes(database);
    await database.pool.query('TRUNCATE otp.verification, otp.counter');
    await addRows(database.pool, { count: 1_000_000, ...live });
    const many = await costs(database);
    printCosts('Postgres, 1,000,000 live verifications', many);
    printGrowth(few, many);
  } finally {
    await database.stop();
  }
}
