import { provideDynamoDb } from '@otp/test/servers';
import { storeProcesses } from '@otp/test/store-processes';
import { storeProcessCases } from '@otp/testing';
import { afterAll, describe, it } from 'vitest';
import { createTestClient, createTestTable } from './test-client.js';

const server = await provideDynamoDb();
const client = createTestClient(server.url);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  await server.stop();
});

const processes = {
  ...storeProcesses(new URL('./racing-store.ts', import.meta.url), `${server.url}/${table}`),
  // The emulator and its clients take a second of a processor for a thousand requests.
  storeTimeoutMs: 60_000,
};
const TIMEOUT_MS = 600_000;

const isRace = ({ name }: { readonly name: string }) => name.includes('of 1,000');

describe('processes and one table', () => {
  const races = storeProcessCases.filter(isRace);
  it.each(races)('$name', ({ run }) => run(processes), TIMEOUT_MS);
});

describe('processes and one table, in fewer rounds than other stores', () => {
  const others = storeProcessCases.filter((each) => !isRace(each));
  it.each(others)('$name', ({ run }) => run({ ...processes, rounds: 2 }), TIMEOUT_MS);
});
