import { provideDynamoDb } from '@otp/test/servers';
import { storeServiceCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';

const TIMEOUT_MS = 300_000;

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const peer = createTestClient(server.url);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  peer.destroy();
  await server.stop();
});

// One after another, because the emulator has one thread.
describe('a service on DynamoDB', () => {
  it.each(storeServiceCases)(
    '$name',
    ({ run }) => run(createHarness({ client, peer, table })),
    TIMEOUT_MS,
  );
});
