import { storeProcessCases } from '@otp/core/testing';
import { providePostgres } from '@otp/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrate } from './index.js';
import { Opened } from './lib/testing/test-database.js';

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
    ({ run }) =>
      run({
        storeModule: new URL('./lib/testing/race-store.ts', import.meta.url).href,
        url,
        execArgv: [
          '--import',
          new URL('../../../scripts/register-typescript.mjs', import.meta.url).href,
        ],
      }),
    300_000,
  );
});
