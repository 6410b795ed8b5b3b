import { byDepth } from '@otp/test/depth';
import { providePostgres } from '@otp/test/servers';
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
    ({ run }) =>
      run({
        storeModule: new URL('./race-store.ts', import.meta.url).href,
        url,
        rounds: byDepth({ quick: 2, full: 20 }),
        checksEach: byDepth({ quick: 25, full: 250 }),
        execArgv: [
          '--import',
          new URL('../../../scripts/register-typescript.mjs', import.meta.url).href,
        ],
      }),
    300_000,
  );
});
