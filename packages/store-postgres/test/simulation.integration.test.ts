import { startPostgres } from '@otp/test/servers';
import { storeSimulationCases } from '@otp/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { Opened, PATIENT } from './test-database.js';

const CREATES = 1_000;
const TIME_LIMIT_MS = 120_000;
const opened = new Opened();

describe(`on Postgres, ${CREATES} creates`, () => {
  let pools: readonly [Pool, Pool];
  beforeAll(async () => {
    const { url } = await opened.server(startPostgres());
    // Calls at once queue for ten connections.
    const pool = () => opened.pool(url, { connectionTimeoutMillis: 0 });
    pools = [pool(), pool()];
    await migrate(pools[0]);
  });
  afterAll(() => opened.end());

  const storeAt = async (place: 0 | 1) => createPostgresStore({ pool: pools[place], ...PATIENT });

  test.each(storeSimulationCases)(
    '$name',
    ({ run }) =>
      run({ createStore: () => storeAt(0), createPeer: () => storeAt(1), creates: CREATES }),
    TIME_LIMIT_MS,
  );
});
