import { randomBytes } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Limit, NewRecord, OtpStore } from '@otp/core/store';
import { createDynamoStore, createTable } from '@otp/store-dynamodb';
import { startDynalite } from '@otp/test/servers';
import { compareInTurn, median, printTable } from './measure.js';

const TABLE = 'bench';
const AT_ONCE = 64;
const CALLS_AT_ONCE = 2_000;

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
  const costs = await compareInTurn(
    [
      { name: 'one UpdateItem', run: () => update(client) },
      { name: 'one GetItem', run: () => get(client) },
      { name: 'create: three limits and a record, 4 calls', run: () => create(store) },
      { name: 'create and check: 8 calls', run: () => createAndCheck(store) },
    ],
    { rounds: 7, calls: 200, warmUp: 2 },
  );
  printTable('DynamoDB, CPU of the client for each', costs);
  for (const [work, { micros }] of costs) {
    console.log(`  ${work.padEnd(44)} ${Math.round(1e6 / micros)} for each CPU-second`);
  }
}

async function compareLatency(client: DynamoDBClient, store: OtpStore): Promise<void> {
  console.log(`\nDynamoDB, ${AT_ONCE} at once`);
  const works = [
    ['one UpdateItem', () => update(client)],
    ['create', () => create(store)],
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

async function create(store: OtpStore): Promise<string> {
  const record = newRecord();
  const limits = [newLimit('recipient'), newLimit('client_address')];
  const failures = { ...newLimit('consecutive_failures'), cost: 0 } as const;
  const answer = await store.open(record, [failures, ...limits]);
  if (!answer.ok) throw new Error('a create was refused');
  return record.id;
}

async function createAndCheck(store: OtpStore): Promise<void> {
  const id = await create(store);
  const failures = newLimit('consecutive_failures');
  await store.reserveCheck(id, null, randomName());
  await store.charge([failures], randomName());
  if (!(await store.claim(id, randomName()))) throw new Error('a claim was refused');
  await store.reset([failures.key]);
}

function newRecord(): NewRecord {
  return {
    id: randomName(),
    sealed: randomBytes(130).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxTries: 5,
    maxSends: 5,
    gapsSeconds: [30, 60, 120, 240],
  };
}

function newLimit(name: Limit['name']): Limit {
  const windows = [
    { max: 5, windowSeconds: 3_600 },
    { max: 10, windowSeconds: 86_400 },
  ];
  return { key: randomName(), name, windows };
}

function randomName(): string {
  return randomBytes(32).toString('base64url');
}
