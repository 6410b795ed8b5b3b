import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { storeCases, storeServiceCases } from '@otp/core/testing';
import { provideDynamoDb } from '@otp/test-servers';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './testing/harness.js';
import { createTestClient, createTestTable } from './testing/test-client.js';

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
  it.each(storeCases)('$name', ({ run }) => run(createHarness({ client, peer, table })));
});

const SERVICE_TIMEOUT_MS = 300_000;

describe('a service on DynamoDB', () => {
  it.each(storeServiceCases)(
    '$name',
    ({ run }) => run(createHarness({ client, peer, table })),
    SERVICE_TIMEOUT_MS,
  );
});
