import { once } from 'node:events';
import { createOtpService, generateKeys } from '@otp/core';
import type { NewRecord, OtpStore } from '@otp/core/store';
import { createRedisStore, redisOptions } from '@otp/store-redis';
import { startRedis } from '@otp/test/servers';
import { Redis } from 'ioredis';
import { compareCosts, cpuPerCall, median, printTable } from './measure.js';
import { emailBody } from './service.js';
import { check, create, createAndCheck, growthOf } from './store-calls.js';

/** Without the limits of a recipient, an address and its network, and with them. */
const BYTES_BUDGETS = { without: 700, with: 1_500 };
const BYTES_COUNT = 100_000;
const AT_ONCE = 64;
const CALLS = 5_000;
const LATENCIES = 20_000;

/** On a server of its own, which keeps everything in memory and writes nothing to disk. */
export async function benchRedis(): Promise<void> {
  const server = await startRedis({ appendonly: 'no' });
  const client = new Redis(server.url, redisOptions);
  try {
    await once(client, 'ready');
    const store = createRedisStore({ client, timeoutMs: 60_000 });
    await compareToRoundTrip(client, store);
    await compareLatency(client, store);
    await client.flushall();
    await measureBytes(client, store, { withLimits: false });
    await client.flushall();
    await measureBytes(client, store, { withLimits: true });
    await client.flushall();
    await compareGrowth(client, store);
  } finally {
    client.disconnect();
    await server.stop();
  }
}

/** A script that does nothing, for the cost of driver and network. */
async function nothing(client: Redis): Promise<() => Promise<unknown>> {
  const sha = String(await client.script('LOAD', 'return 1'));
  return () => client.evalsha(sha, 1, 'otp:nothing');
}

async function compareToRoundTrip(client: Redis, store: OtpStore): Promise<void> {
  const works = [
    { name: 'one EVALSHA that does nothing', work: await nothing(client) },
    { name: 'PING', work: () => client.ping() },
    { name: 'create: open with three limits', work: () => create(store) },
    { name: 'create and check: three round trips', work: () => createAndCheck(store) },
  ];
  const costs = await compareCosts(
    [
      ...works.map(({ name, work }) => ({ name, cost: () => cpuOf(work) })),
      {
        name: 'check: two round trips',
        cost: async () => cpuOf(checkEach(store, await createMany(store, CALLS))),
      },
    ],
    { rounds: 9, warmUp: 2 },
  );
  printTable(`redis, CPU of the client for each, ${AT_ONCE} at once`, costs);
}

async function cpuOf(work: (index: number) => unknown): Promise<number> {
  return (await cpuPerCall(1, () => atOnce(CALLS, work))) / CALLS;
}

async function createMany(store: OtpStore, count: number): Promise<NewRecord[]> {
  const records: NewRecord[] = [];
  await atOnce(count, async () => records.push(await create(store)));
  return records;
}

/** Checks each of the records once. */
function checkEach(store: OtpStore, records: NewRecord[]): () => Promise<void> {
  return async () => {
    const record = records.pop();
    if (record === undefined) throw new Error('every record has been checked');
    await check(store, record);
  };
}

async function compareLatency(client: Redis, store: OtpStore): Promise<void> {
  console.log(`\nredis, ${AT_ONCE} at once`);
  const works = [
    ['one EVALSHA that does nothing', await nothing(client)],
    ['create', () => create(store)],
    ['check', checkEach(store, await createMany(store, LATENCIES))],
    ['create and check', () => createAndCheck(store)],
  ] as const;
  for (const [name, work] of works) {
    const millis = await latencies(work, LATENCIES);
    const p99 = millis[Math.floor(millis.length * 0.99)] ?? Number.NaN;
    console.log(
      `  ${name.padEnd(44)} median ${median(millis).toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`,
    );
  }
}

async function latencies(work: () => Promise<unknown>, calls: number): Promise<number[]> {
  const millis: number[] = [];
  await atOnce(calls, async () => {
    const started = performance.now();
    await work();
    millis.push(performance.now() - started);
  });
  return millis.sort((a, b) => a - b);
}

async function atOnce(calls: number, work: (index: number) => unknown): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Creates as core makes them, the sealed recipient included. */
async function measureBytes(
  client: Redis,
  store: OtpStore,
  { withLimits }: { withLimits: boolean },
): Promise<void> {
  const service = createOtpService({
    appId: 'bench',
    issuer: 'https://bench.example',
    ...generateKeys(),
    store,
    channels: { email: { sender: { send: async () => undefined } } },
    ...(withLimits ? {} : { dangerouslyDisableLimits: true }),
  });
  const before = await usedMemory(client);
  await atOnce(BYTES_COUNT, async (index) => {
    const answer = await service.handle({
      method: 'POST',
      path: '/',
      header: (name) => (name === 'content-type' ? ['application/json'] : []),
      body: emailBody(index),
      // Each from a network of its own, which has a limit too.
      clientAddress: `2001:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`,
    });
    if (answer.status !== 204) throw new Error(`a create was answered ${answer.status}`);
  });
  const bytes = ((await usedMemory(client)) - before) / BYTES_COUNT;
  const limits = withLimits ? 'with' : 'without';
  const budget = BYTES_BUDGETS[limits];
  const verdict = bytes <= budget ? 'ok' : 'OVER';
  console.log(
    `\nredis, ${BYTES_COUNT} verifications ${limits} limits: ${bytes.toFixed(0)} bytes each  budget ${budget}  ${verdict}`,
  );
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]);
}

/** CPU of the server, where the number of keys could matter. */
async function compareGrowth(client: Redis, store: OtpStore): Promise<void> {
  console.log('\nredis, CPU of the server for each create and check');
  let live = 0;
  let first = Number.NaN;
  for (const count of [1_000, 10_000, 100_000, 1_000_000]) {
    await atOnce(count - live, () => create(store));
    live = count;
    const rounds: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = await serverCpu(client);
      await atOnce(4_000, () => createAndCheck(store));
      rounds.push(((await serverCpu(client)) - before) / 4_000);
    }
    const micros = median(rounds);
    if (Number.isNaN(first)) first = micros;
    console.log(
      `  ${String(count).padStart(9)} live ${micros.toFixed(1).padStart(8)} µs  ${growthOf(first, micros)}`,
    );
  }
}

async function serverCpu(client: Redis): Promise<number> {
  const info = await client.info('cpu');
  const seconds = [...info.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map((each) =>
    Number(each[1]),
  );
  return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
}
