import { readFileSync } from 'node:fs';
import { startPostgres } from '@otp/test/servers';
import { cookieOf } from '@otp/testing';
import { phone, setUp } from '@otp/testing/internal';
import type { Pool } from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, createPostgresStore, migrate, type PostgresPool } from '../src/index.js';
import { Opened } from './test-database.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Returns the only part of the README that matches. */
function documented(pattern: RegExp): string {
  const [found, ...others] = [...README.matchAll(pattern)];
  if (found?.[1] === undefined || others.length > 0) throw new Error(`no single ${pattern}`);
  return found[1];
}

const GRANTS = documented(/```sql\n(GRANT USAGE[^`]*)```/g);

const opened = new Opened();
let url = '';
let owner: Pool;

beforeAll(async () => {
  ({ url } = await opened.server(startPostgres()));
  owner = opened.pool(url);
  // Every privilege must be among the grants.
  await owner.query('ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC');
  await owner.query('CREATE ROLE app LOGIN');
  await migrate(owner);
});
afterAll(() => opened.end());

/** Every operation, by a number whose prefix is counted. */
async function useAll(pool: PostgresPool): Promise<void> {
  const t = setUp({ store: createPostgresStore({ pool }), retryIntervalSeconds: 0 });
  await t.service.ping();
  const cookie = cookieOf(await t.create(phone('+33612345678')));
  expect((await t.retry(cookie)).status).toBe(204);
  expect((await t.check(cookie, t.wrongCode())).status).toBe(400);
  const checked = await t.check(cookie, t.code());
  expect(checked.status).toBe(200);
  const token = JSON.parse(checked.body).challenge_token;
  expect(await t.service.consumeSessionStart(token)).toMatchObject({ ok: true });
  await t.service.drain();
  expect(t.events.filter(({ type }) => type === 'fault')).toEqual([]);
}

describe('the README', () => {
  it('grants all that the service and clean-up need', async () => {
    await owner.query(GRANTS);
    const pool = opened.pool(url.replace('postgres@', 'app@'));
    await useAll(pool);
    expect(await cleanUp(pool)).toBe(0);
  });

  it.each([
    ['USAGE ON SCHEMA otp', '(42501)'],
    ['DELETE ON otp.tallied', 'the role lacks DELETE ON otp.tallied: grant what the README'],
    ['SELECT ON otp.migration', 'the role lacks SELECT ON otp.migration: grant'],
    [
      'EXECUTE ON FUNCTION otp.charge_limits(jsonb)',
      'the role lacks EXECUTE ON FUNCTION otp.charge_limits(jsonb): grant',
    ],
  ])('without %s, ping names what is missing', async (privilege, message) => {
    await owner.query(GRANTS);
    await owner.query(`REVOKE ${privilege} FROM app`);
    const store = createPostgresStore({ pool: opened.pool(url.replace('postgres@', 'app@')) });
    await expect(store.ping()).rejects.toThrow(message);
    await owner.query(GRANTS);
    await store.ping();
  });

  it('makes a pool of postgres.js, with which all works', async () => {
    const sql = postgres(url, { onnotice: () => {} });
    await opened.server(Promise.resolve({ stop: () => sql.end() }));
    const line = documented(/^(const pool = \{ query.*)$/gm);
    const pool: PostgresPool = new Function('sql', `${line} return pool;`)(sql);
    await owner.query('DROP SCHEMA otp CASCADE');
    await migrate(pool);
    await useAll(pool);
    await owner.query(`UPDATE otp.verification SET expires_at = now()`);
    expect(await cleanUp(pool)).toBe(1);
  });
});
