import { startPgBouncer, startPostgres } from '@otp/test/servers';
import { type StoreHarness, storeServiceCases } from '@otp/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { dumpFiles } from './dump-files.js';
import { Opened } from './test-database.js';

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

/** What goes over many connections at once; the rest is the same for the service. */
const RACES = storeServiceCases.filter(({ name }) => /^R0[23]|^R10/.test(name));

/** What keeps the server busy runs alone; of the rest most is waiting, by the clock of the database. */
const BUSY = /^R0[1-3]|^R10|^S09|^P01|at once/;

describe.each([
  ['Postgres', storeServiceCases],
  ['PgBouncer', RACES],
] as const)('a service on %s', (server, cases) => {
  const pool = (place: 0 | 1) => {
    const both = pools.get(server);
    if (both === undefined) throw new Error(`no ${server}`);
    return both[place];
  };
  // What races queues for ten connections.
  const create = async (place: 0 | 1) =>
    createPostgresStore({ pool: pool(place), timeoutMs: 10_000 });

  const harness: StoreHarness = {
    createStore: () => create(0),
    createPeer: () => create(1),
    dump: () => dumpFiles(pool(0)),
    // All store work of a request has 2 s, and one process does the work of both sides.
    atOnce: 200,
  };
  const busy = cases.filter(({ name }) => BUSY.test(name));
  const waiting = cases.filter((each) => !busy.includes(each));

  it.each(busy)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
  it.concurrent.each(waiting)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
});
