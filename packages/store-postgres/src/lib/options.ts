import { instance, integer, optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import type { PostgresPool } from './postgres-client.js';

/** Where the tables and functions of a store are. */
export interface SchemaOptions {
  /** Schema of the tables and functions: lower-case letters, digits and underscores. @default 'otp' */
  readonly schema?: string;
}

/** The pool, the schema and the time limits of a store. */
export interface PostgresStoreOptions extends SchemaOptions {
  /** The host's `Pool` of `pg`, or an object with its `query`. The store never ends it. */
  readonly pool: PostgresPool;
  /** Time limit of one statement, in milliseconds, 1 to 60,000. @default 500 */
  readonly timeoutMs?: number;
  /** Time limit of the wait for a connection of the pool, in milliseconds, 1 to 60,000. @default 2000 */
  readonly connectionTimeoutMs?: number;
}

/** The name stands in statements as it is, so one that would need quotes is refused. */
export const schemaName = v.custom<string>(
  (value) => typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value),
  'must be 1 to 63 lower-case letters, digits and underscores, not beginning with a digit',
);

export const DEFAULT_SCHEMA = 'otp';

const schema = optionsOf<PostgresStoreOptions>()({
  pool: instance<PostgresPool>(['query'], 'must be a Pool of pg, as in { pool }'),
  schema: v.optional(schemaName, DEFAULT_SCHEMA),
  timeoutMs: v.optional(integer(1, 60_000), 500),
  connectionTimeoutMs: v.optional(integer(1, 60_000), 2_000),
});

export type PostgresStoreConfig = v.InferOutput<typeof schema>;

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: PostgresStoreOptions): PostgresStoreConfig {
  return parseOptions(schema, options, 'createPostgresStore()');
}
