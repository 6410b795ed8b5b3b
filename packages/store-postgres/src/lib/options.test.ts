import { describe, expect, it } from 'vitest';
import { cleanUp, createPostgresStore, migrate, type PostgresClient } from '../index.js';

/** Returns nothing: wrong options are refused before the first query. */
const pool: PostgresClient = { query: async () => ({ rows: [] }) };

const refuse = (work: (...args: never[]) => unknown, ...args: unknown[]) =>
  expect(async () => Reflect.apply(work, undefined, args)).rejects;

describe('createPostgresStore', () => {
  const pooled = 'pool must be a Pool of pg, as in { pool }; it has no query().';

  it.each([
    ['no options', undefined, 'the options of createPostgresStore() must be an object.'],
    ['no pool', { pool: undefined }, pooled],
    ['a pool in place of { pool }', { ...pool, _events: {} }, pooled],
    ['a pool without query', { pool: {} }, pooled],
    [
      'an unknown option',
      { pool, timeout: 5 },
      'createPostgresStore() has no option timeout; it takes pool, schema, timeoutMs, connectionTimeoutMs.',
    ],
    ['a time limit of 0', { pool, timeoutMs: 0 }, 'timeoutMs must be an integer from 1 to 60000.'],
    ['an endless wait', { pool, connectionTimeoutMs: 0 }, 'connectionTimeoutMs must be an integer'],
    ['a time limit that is a string', { pool, timeoutMs: '500' }, 'timeoutMs must be an integer'],
    ['a schema that needs quotes', { pool, schema: 'o"tp' }, 'schema must be 1 to 63 lower-case'],
  ])('refuses %s', async (_, options, message) => {
    await refuse(createPostgresStore, options).toThrow(TypeError);
    await refuse(createPostgresStore, options).toThrow(message);
  });
});

describe('migrate and cleanUp', () => {
  it.each([migrate, cleanUp])('refuse an unknown option', async (work) => {
    await refuse(work, pool, { shema: 'otp' }).toThrow('() has no option shema; it takes schema');
  });

  it.each([0, 1.5, Number.NaN, 1_000_001])('cleanUp refuses a batch of %s', async (batch) => {
    await refuse(cleanUp, pool, { batch }).toThrow('batch must be an integer from 1 to 1000000.');
  });

  it.each(['', 'Otp', '1otp', 'a;b', 'a"b', 'a'.repeat(64)])(
    'refuse the schema "%s", which would need quotes',
    async (schema) => {
      await refuse(migrate, pool, { schema }).toThrow('schema must be');
      await refuse(cleanUp, pool, { schema }).toThrow('schema must be');
      await refuse(createPostgresStore, { pool, schema }).toThrow('schema must be');
    },
  );
});
