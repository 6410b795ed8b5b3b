import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { storeCases } from '@otp/core/testing';
import { provideDynamoDb } from '@otp/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createDynamoStore } from './dynamo-store.js';
import { createTestClient, createTestTable } from './testing/test-client.js';

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const peer = createTestClient(server.url);
const documents = DynamoDBDocumentClient.from(peer);
let table = '';

beforeAll(async () => {
  table = await createTestTable(client);
});

afterAll(async () => {
  client.destroy();
  peer.destroy();
  await server.stop();
});

/** The emulator is slow, and a hundred wait for it at once. */
const operationTimeoutMs = 10_000;

describe('the store contract, over a plain client and a document client', () => {
  it.each(storeCases)('$name', async ({ run }) => {
    let time = Date.UTC(2026, 0, 1);
    const now = () => time;
    await run({
      createStore: async () => createDynamoStore({ client, table, now, operationTimeoutMs }),
      createPeer: async () =>
        createDynamoStore({ client: documents, table, now, operationTimeoutMs }),
      advance: async (ms) => {
        time += ms;
      },
    });
  });
});
