import { describe, expect, it } from 'vitest';
import { cleanUp, createPostgresStore, migrate, type PostgresClient } from '../src/index.js';

/** Answers nothing, for what must be refused before anything is asked. */
const pool: PostgresClient = { query: async () => ({ rows: [] }) };

describe('createPostgresStore', () => {
  it.each([
    ['no options', undefined, 'pool must be'],
    ['no pool', { pool: undefined }, 'pool must be'],
    ['a pool in their place', { ...pool, _events: {} }, 'query: { pool }'],
    ['a pool without query', { pool: {} }, 'pool must be'],
    ['a misspelt option', { pool, timeLimit: 5 }, 'no option timeLimit'],
    ['a limit of nothing', { pool, timeLimitMs: 0 }, 'timeLimitMs must be'],
    ['a limit that is no number', { pool, timeLimitMs: '500' }, 'timeLimitMs must be'],
    ['a name to be quoted', { pool, schema: 'o"tp' }, 'schema must be'],
  ])('refuses %s', (_, options, words) => {
    expect(() => Reflect.apply(createPostgresStore, undefined, [options])).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: expect.stringContaining(words),
      }),
    );
  });
});

describe('migrate and cleanUp', () => {
  it.each([migrate, cleanUp])('refuse a misspelt option', async (work) => {
    const options = { shema: 'otp' };
    await expect(Reflect.apply(work, undefined, [pool, options])).rejects.toThrow(
      'no option shema',
    );
  });
});
