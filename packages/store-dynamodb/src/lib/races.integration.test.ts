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
  // The emulator answers some hundred operations a second.
  storeLimitMs: 60_000,
  rounds: Number(process.env.OTP_RACE_ROUNDS ?? 3),
};
const TIMEOUT_MS = 600_000;

describe('four processes and one table', () => {
  it.each(storeProcessCases)('$name', ({ run }) => run(processes), TIMEOUT_MS);
});
