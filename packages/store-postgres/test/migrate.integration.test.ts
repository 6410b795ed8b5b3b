import { providePostgres } from '@otp/test/servers';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { complete, Opened, openOne } from './test-database.js';

const opened = new Opened();
let url = '';
let pool: Pool;

beforeAll(async () => {
  ({ url } = await opened.server(providePostgres()));
  pool = opened.pool(url, { connectionTimeoutMillis: 0 });
});
afterAll(() => opened.end());

async function versionsIn(schema: string): Promise<number[]> {
  const { rows } = await pool.query(`SELECT version FROM ${schema}.migration ORDER BY version`);
  return rows.map(({ version }) => version);
}

describe('migrate', () => {
  it('changes nothing when it runs twice', async () => {
    await pool.query('DROP SCHEMA IF EXISTS twice CASCADE');
    await migrate(pool, { schema: 'twice' });
    const store = createPostgresStore({ pool, schema: 'twice' });
    const id = await openOne(store);
    await migrate(pool, { schema: 'twice' });
    expect(await complete(store, id)).toBe(true);
    expect(await versionsIn('twice')).toEqual([1]);
  });

  it.each(['read committed', 'repeatable read', 'serializable'])(
    'runs once from ten connections at once, also at %s',
    async (isolation) => {
      const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
      const pools = Array.from({ length: 10 }, () =>
        opened.pool(url, { options, max: 1, connectionTimeoutMillis: 0 }),
      );
      await pool.query('DROP SCHEMA IF EXISTS at_once CASCADE');
      await Promise.all(pools.map((each) => migrate(each, { schema: 'at_once' })));
      expect(await versionsIn('at_once')).toEqual([1]);
    },
  );

  it('leaves a newer version alone', async () => {
    await pool.query('DROP SCHEMA IF EXISTS newer CASCADE');
    await migrate(pool, { schema: 'newer' });
    await pool.query('INSERT INTO newer.migration (version) VALUES (2)');
    await pool.query('DROP FUNCTION newer.clean_up');
    await migrate(pool, { schema: 'newer' });
    expect(await versionsIn('newer')).toEqual([1, 2]);
    const found = await pool.query(`SELECT to_regproc('newer.clean_up') AS name`);
    expect(found.rows).toEqual([{ name: null }]);
  });

  it('works for a role that may not create a schema, in a schema that exists', async () => {
    await pool.query('DROP SCHEMA IF EXISTS given CASCADE');
    await pool.query('DROP ROLE IF EXISTS otp_test_role');
    await pool.query('CREATE ROLE otp_test_role LOGIN');
    await pool.query('CREATE SCHEMA given AUTHORIZATION otp_test_role');
    const own = opened.pool(url, {
      options: '-c role=otp_test_role',
      connectionTimeoutMillis: 0,
    });
    await migrate(own, { schema: 'given' });
    const store = createPostgresStore({ pool: own, schema: 'given' });
    expect(await complete(store, await openOne(store))).toBe(true);
    await expect(migrate(own, { schema: 'not_given' })).rejects.toMatchObject({ code: '42501' });
  });

  it('is named in the error of a store whose tables are missing', async () => {
    const store = createPostgresStore({ pool, schema: 'nowhere' });
    await expect(store.ping()).rejects.toThrow('run migrate()');
    await expect(complete(store, 'id')).rejects.toThrow('run migrate()');
  });

  it('is of no use on a server that is read-only, which ping tells', async () => {
    const readOnly = opened.pool(url, { options: '-c default_transaction_read_only=on' });
    await migrate(pool);
    const store = createPostgresStore({ pool: readOnly });
    await expect(store.ping()).rejects.toMatchObject({ code: '25006' });
  });

  it('is named in the error of ping when the schema is too old', async () => {
    await pool.query('DROP SCHEMA IF EXISTS older CASCADE');
    await migrate(pool, { schema: 'older' });
    await pool.query('DELETE FROM older.migration');
    const store = createPostgresStore({ pool, schema: 'older' });
    await expect(store.ping()).rejects.toThrow('run migrate()');
  });
});
