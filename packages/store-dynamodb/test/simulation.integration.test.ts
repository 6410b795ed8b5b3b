import { provideDynamoDb } from '@otp/test/servers';
import { storeSimulationCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';

const CREATES = 120;
const TIMEOUT_MS = 120_000;

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const peer = createTestClient(server.url);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  peer.destroy();
  await server.stop();
});

// Few, because the emulator takes milliseconds for each operation. All limits except that of a /48 are reached.
describe(`on DynamoDB, ${CREATES} creates in an hour`, () => {
  it.each(storeSimulationCases)(
    '$name',
    ({ run }) => run({ ...createHarness({ client, peer, table }), creates: CREATES }),
    TIMEOUT_MS,
  );
});
