// `pnpm expired [rows]`: S05, a million expired verifications by default, and twice as many counters, without
// clean-up. Checks beside them may cost 1.5 times those without, and no expired one passes.
import { createPostgresStore } from '@otp/store-postgres';
import { median } from './measure.js';
import { createClient } from './postgres-client.js';
import { addRows, type BenchDatabase, startDatabase } from './postgres-database.js';

const BUDGET = 1.5;
const ROUNDS = 15;
const CALLS = 200;
const SCHEMAS = ['otp_clean', 'otp_full'] as const;

/** The cost of a check in each schema, round by round in turn, and the ratio of the second to the first. */
async function compareChecks(database: BenchDatabase): Promise<number> {
  const clients = SCHEMAS.map((schema) => createClient(database.pool, schema));
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS + 2; round += 1) {
    const micros: number[] = [];
    for (const client of clients) {
      const opened: Awaited<ReturnType<typeof client.create>>[] = [];
      for (let index = 0; index < CALLS; index += 1) opened.push(await client.create());
      const before = database.cpuMicros();
      for (const each of opened) await client.check(each);
      const after = database.cpuMicros();
      micros.push(after.client - before.client + after.server - before.server);
    }
    const [clean = Number.NaN, full = Number.NaN] = micros;
    if (round >= 2) ratios.push(full / clean);
  }
  return median(ratios);
}

async function countPassing(database: BenchDatabase): Promise<number> {
  const store = createPostgresStore({ pool: database.pool, schema: 'otp_full' });
  const { rows } = await database.pool.query(
    'SELECT id FROM otp_full.verification WHERE expires_at < now() LIMIT 1000',
  );
  if (rows.length === 0) throw new Error('nothing has expired');
  let passed = 0;
  for (const { id } of rows) {
    const none = { guess: [], create: [], reset: [], tallies: [] };
    const answers = [
      await store.reserveCheck(id, { binding: null, limits: [], op: `check-${id}` }),
      await store.reserveSend(id, [], `send-${id}`),
      await store.complete(id, { ...none, op: `complete-${id}` }),
    ];
    if (answers.some(({ ok }) => ok)) passed += 1;
  }
  return passed;
}

const count = Number(process.argv[2] ?? 1_000_000);
const database = await startDatabase(SCHEMAS);
try {
  await addRows(database.pool, { schema: 'otp_clean', count: 1_000, seconds: 3_600 });
  await addRows(database.pool, { schema: 'otp_full', count: 1_000, seconds: 3_600 });
  await addRows(database.pool, { schema: 'otp_full', count, seconds: -3_600 });
  const ratio = await compareChecks(database);
  const passed = await countPassing(database);
  const isOk = ratio <= BUDGET && passed === 0;
  console.log(
    `Postgres, checks beside ${count} expired verifications: ${ratio.toFixed(2)}x  budget ${BUDGET}x; expired that passed: ${passed}  ${isOk ? 'ok' : 'FAILED'}`,
  );
  if (!isOk) process.exitCode = 1;
} finally {
  await database.stop();
}
