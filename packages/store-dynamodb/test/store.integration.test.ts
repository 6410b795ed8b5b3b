import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { byDepth } from '@otp/test/depth';
import { provideDynamoDb } from '@otp/test/servers';
import { storeCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createHarness } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';

/** All cases wait for one emulator. */
const TIMEOUT_MS = 300_000;

/** Races for which the emulator takes seconds of a processor. In `npm test`, those remain of which exactly some pass. */
const HEAVY = /^(?!.*exactly).*\b(?:40|50|100) /;
const cases = byDepth({
  quick: storeCases.filter(({ name }) => !HEAVY.test(name)),
  full: storeCases,
});

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
  it.concurrent.each(cases)(
    '$name',
    ({ run }) => run(createHarness({ client, peer, table })),
    TIMEOUT_MS,
  );
});
