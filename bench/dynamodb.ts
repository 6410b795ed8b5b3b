import { randomBytes } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { NewRecord, OtpStore } from '@otp/core/store';
import { createDynamoStore, createTable } from '@otp/store-dynamodb';
import { startDynalite } from '@otp/test/servers';
import { compareInTurn, median, printTable } from './measure.js';
import { check, create, createAndCheck } from './store-calls.js';

const TABLE = 'bench';
const AT_ONCE = 64;
const CALLS_AT_ONCE = 2_000;
const ROUNDS = 7;
const WARM_UP = 2;
const CALLS = 200;

/** On an emulator, whose latencies are its own: only the cost of the client and the number of waits are real. */
export async function benchDynamoDb(): Promise<void> {
  const server = await startDynalite();
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
  });
  try {
    await createTable(client, TABLE);
    const store = createDynamoStore({ client, table: TABLE, timeoutMs: 60_000 });
    await compareToRoundTrip(client, store);
    await compareLatency(client, store);
  } finally {
    client.destroy();
    await server.stop();
  }
}

async function compareToRoundTrip(client: DynamoDBClient, store: OtpStore): Promise<void> {
  const next = await openAll(store, (ROUNDS + WARM_UP) * CALLS);
  const costs = await compareInTurn(
    [
      { name: 'one UpdateItem', run: () => update(client) },
      { name: 'one GetItem', run: () => get(client) },
      { name: 'create: three limits and a record, 4 calls', run: () => create(store) },
      { name: 'check with the right code: 3 calls', run: () => check(store, next()) },
      { name: 'create and check', run: () => createAndCheck(store) },
    ],
    { rounds: ROUNDS, calls: CALLS, warmUp: WARM_UP },
  );
  printTable('DynamoDB, CPU of the client for each', costs);
  for (const [work, { micros }] of costs) {
    console.log(`  ${work.padEnd(44)} ${Math.round(1e6 / micros)} for each CPU-second`);
  }
}

async function compareLatency(client: DynamoDBClient, store: OtpStore): Promise<void> {
  console.log(`\nDynamoDB, ${AT_ONCE} at once`);
  const next = await openAll(store, CALLS_AT_ONCE);
  const works = [
    ['one UpdateItem', () => update(client)],
    ['create', () => create(store)],
    ['check', () => check(store, next())],
    ['create and check', () => createAndCheck(store)],
  ] as const;
  for (const [name, work] of works) {
    const millis = await latencies(work);
    const p99 = millis[Math.floor(millis.length * 0.99)] ?? Number.NaN;
    console.log(
      `  ${name.padEnd(44)} median ${median(millis).toFixed(1)} ms  p99 ${p99.toFixed(1)} ms`,
    );
  }
}

/** Opens so many verifications, and returns one at a time. */
async function openAll(store: OtpStore, count: number): Promise<() => NewRecord> {
  const records: NewRecord[] = [];
  while (records.length < count) records.push(await create(store));
  return () => {
    const record = records.pop();
    if (record === undefined) throw new Error('too few verifications were opened');
    return record;
  };
}

async function latencies(work: () => Promise<unknown>): Promise<number[]> {
  const millis: number[] = [];
  let left = CALLS_AT_ONCE;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      await work();
      millis.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return millis.sort((a, b) => a - b);
}

function get(client: DynamoDBClient): Promise<unknown> {
  const command = new GetItemCommand({
    TableName: TABLE,
    Key: { pk: { S: randomName() } },
    ConsistentRead: true,
  });
  return client.send(command);
}

function update(client: DynamoDBClient): Promise<unknown> {
  const command = new UpdateItemCommand({
    TableName: TABLE,
    Key: { pk: { S: randomName() } },
    UpdateExpression: 'SET counted = :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  return client.send(command);
}

function randomName(): string {
  return randomBytes(32).toString('base64url');
}
