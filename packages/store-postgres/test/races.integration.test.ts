import { providePostgres } from '@otp/test/servers';
import { storeProcesses } from '@otp/test/store-processes';
import { storeProcessCases } from '@otp/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrate } from '../src/index.js';
import { Opened } from './test-database.js';

const opened = new Opened();
let url = '';

beforeAll(async () => {
  ({ url } = await opened.server(providePostgres()));
  await migrate(opened.pool(url, { connectionTimeoutMillis: 0 }));
});
afterAll(() => opened.end());

describe('processes over one Postgres', () => {
  it.each(storeProcessCases)(
    '$name',
    ({ run }) => run(storeProcesses(new URL('./race-store.ts', import.meta.url), url)),
    300_000,
  );
});
