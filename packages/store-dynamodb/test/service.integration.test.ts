import { byDepth } from '@otp/test/depth';
import { provideDynamoDb } from '@otp/test/servers';
import { storeServiceCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';

const TIMEOUT_MS = 300_000;

/** A hundred requests or more each, for which the emulator takes seconds of a processor. */
const HEAVY =
  /^(?:a success starts|after 1,000 |after 100 |the block outlasts|wrong codes of strangers|of 10,000 |30 creates|a prefix is blocked)/;
const cases = byDepth({
  quick: storeServiceCases.filter(({ name }) => !HEAVY.test(name)),
  full: storeServiceCases,
});

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
  it.each(cases)('$name', ({ run }) => run(createHarness({ client, peer, table })), TIMEOUT_MS);
});
