import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { provideDynamoDb } from '@otp/test/servers';
import { storeCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';

const TIMEOUT_MS = 120_000;

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const second = createTestClient(server.url);
const peer = DynamoDBDocumentClient.from(second);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  second.destroy();
  await server.stop();
});

describe('the store contract, over a plain client and a document client', () => {
  it.concurrent.each(storeCases)(
    '$name',
    ({ run }) => run(createHarness({ client, peer, table })),
    TIMEOUT_MS,
  );
});
