import { byDepth } from '@otp/test/depth';
import { startPgBouncer, startPostgres } from '@otp/test/servers';
import { splitByLoad } from '@otp/test/split-by-load';
import { type StoreHarness, storeServiceCases } from '@otp/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { dumpFiles } from './dump-files.js';
import { Opened, PATIENT } from './test-database.js';

const opened = new Opened();
const pools = new Map<string, readonly [Pool, Pool]>();

beforeAll(async () => {
  const postgres = await opened.server(startPostgres());
  const bouncer = await opened.server(startPgBouncer(postgres.url));
  const pool = (url: string) => opened.pool(url, { connectionTimeoutMillis: 0 });
  pools.set('Postgres', [pool(postgres.url), pool(postgres.url)]);
  pools.set('PgBouncer', [pool(bouncer.url), pool(bouncer.url)]);
  await migrate(pool(postgres.url));
});
afterAll(() => opened.end());

const TIME_LIMIT_MS = 60_000;

/** Only races meet many connections; for all other cases PgBouncer makes no difference. */
const RACES = storeServiceCases.filter(({ name }) => /\bR(?:02|03|10)\b/.test(name));

describe.each([
  ['Postgres', storeServiceCases],
  ['PgBouncer', RACES],
] as const)('a service on %s', (server, cases) => {
  const pool = (place: 0 | 1) => {
    const both = pools.get(server);
    if (both === undefined) throw new Error(`no ${server}`);
    return both[place];
  };
  // Racing calls queue for ten connections.
  const create = async (place: 0 | 1) => createPostgresStore({ pool: pool(place), ...PATIENT });

  const harness: StoreHarness = {
    createStore: () => create(0),
    createPeer: () => create(1),
    dump: () => dumpFiles(pool(0)),
    // One process does the work of both sides.
    atOnce: byDepth({ quick: 50, full: 200 }),
    guesses: byDepth({ quick: 200, full: 10_000 }),
    verifications: byDepth({ quick: 100, full: 1_000 }),
  };
  const { busy, waiting } = splitByLoad(cases);

  it.each(busy)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
  it.concurrent.each(waiting)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
});
