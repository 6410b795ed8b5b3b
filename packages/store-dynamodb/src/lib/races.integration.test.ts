import { storeProcessCases } from '@otp/core/testing';
import { provideDynamoDb } from '@otp/test-servers';
import { afterAll, describe, it } from 'vitest';
import { createTestClient, createTestTable } from './testing/test-client.js';

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  await server.stop();
});

const processes = {
  storeModule: new URL('./testing/racing-store.ts', import.meta.url).href,
  url: `${server.url}/${table}`,
  execArgv: [
    '--import',
    new URL('../../../../scripts/register-typescript.mjs', import.meta.url).href,
  ],
  // The emulator takes a millisecond of a processor for each operation, and so does the client.
  storeLimitMs: 60_000,
};
const TIMEOUT_MS = 600_000;

describe('processes and one table', () => {
  const once = { ...processes, rounds: 1 };
  it.each(storeProcessCases)('$name', ({ run }) => run(once), TIMEOUT_MS);
});

describe('four processes and one table, as often as other stores, with a tenth of the checks', () => {
  const tenth = { ...processes, checksEach: 25 };
  const checks = storeProcessCases.filter(({ name }) => /^R0[23]/.test(name));
  it.each(checks)('$name', ({ run }) => run(tenth), TIMEOUT_MS);
});
