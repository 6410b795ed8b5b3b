import { instance, integer, optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import type { PostgresClient } from './postgres-client.js';

export interface SchemaOptions {
  /** Schema of the tables and functions: lower-case letters, digits and underscores. @default 'otp' */
  readonly schema?: string;
}

export interface PostgresStoreOptions extends SchemaOptions {
  /** The host's `Pool` of `pg`, or an object with its `query`. The store never ends it. */
  readonly pool: PostgresClient;
  /** Time limit of one operation, in milliseconds, 1 to 60,000; includes the wait for a connection. @default 500 */
  readonly timeoutMs?: number;
}

/** The name stands in statements as it is, so one that would need quotes is refused. */
export const schemaName = v.custom<string>(
  (value) => typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value),
  'must be 1 to 63 lower-case letters, digits and underscores, not beginning with a digit',
);

export const DEFAULT_SCHEMA = 'otp';

const schema = optionsOf<PostgresStoreOptions>()({
  pool: instance<PostgresClient>(['query'], 'must be a Pool of pg, as in { pool }'),
  schema: v.optional(schemaName, DEFAULT_SCHEMA),
  timeoutMs: v.optional(integer(1, 60_000), 500),
});

export type PostgresStoreConfig = v.InferOutput<typeof schema>;

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: PostgresStoreOptions): PostgresStoreConfig {
  return parseOptions(schema, options, 'createPostgresStore()');
}
