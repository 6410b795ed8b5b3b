import { providePostgres, startPgBouncer } from '@otp/test/servers';
import { storeCases } from '@otp/testing';
import type { Pool } from 'pg';
import { Pool as OldestPool } from 'pg-oldest';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { Opened, PATIENT } from './test-database.js';

const opened = new Opened();
const pools = new Map<string, readonly [Pool, Pool]>();

beforeAll(async () => {
  const postgres = await opened.server(providePostgres());
  // Fewer connections than the clients have, so that the statements of one client use several.
  const bouncer = await opened.server(startPgBouncer(postgres.url, { default_pool_size: '5' }));
  for (const { url } of [postgres, bouncer]) {
    // Cases that run at once queue for connections.
    const pool = () => opened.pool(url, { connectionTimeoutMillis: 0 });
    pools.set(url === bouncer.url ? 'PgBouncer' : 'Postgres', [pool(), pool()]);
  }
  const oldest = () => opened.pool(postgres.url, { connectionTimeoutMillis: 0 }, OldestPool);
  pools.set('pg 8.11', [oldest(), oldest()]);
});
afterAll(() => opened.end());

describe.each([
  ['Postgres', 'otp'],
  ['PgBouncer', 'otp_bounced'],
  ['pg 8.11', 'otp_oldest'],
])('store conformance: by %s', (server, schema) => {
  const pool = (place: 0 | 1) => {
    const both = pools.get(server);
    if (both === undefined) throw new Error(`no ${server}`);
    return both[place];
  };
  const create = async (place: 0 | 1) =>
    createPostgresStore({ pool: pool(place), schema, ...PATIENT });
  beforeAll(() => migrate(pool(0), { schema }));

  it.concurrent.each(storeCases)('$name', ({ run }) =>
    run({
      createStore: () => create(0),
      createPeer: () => create(1),
      dump: async () => {
        const { rows } = await pool(0).query(`SELECT key FROM ${schema}.counter`);
        return Buffer.from(JSON.stringify(rows));
      },
    }),
  );
});
