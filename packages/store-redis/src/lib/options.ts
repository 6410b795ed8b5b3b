import { fn, integer, optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import { type Connection, type RedisClient, toConnection } from './client.js';

/** The client of a store, and the names of its keys. */
export interface RedisStoreOptions {
  /**
   * A `Redis` or a `Cluster` of ioredis, or what `createClient` or `createCluster` of node-redis returns. The host
   * connects it and ends it.
   */
  readonly client: RedisClient;
  /** Prefix of every key, at most 64 characters without braces. @default 'otp:' */
  readonly prefix?: string;
  /** Time limit of each wait for the server, the connection included, in milliseconds, 1 to 60,000. @default 2_000 */
  readonly timeoutMs?: number;
  /** Called once when the server might drop live limits. @default `process.emitWarning` */
  readonly onWarning?: (message: string) => void;
}

/** Braces in the prefix would decide the slot of every key. */
const keyPrefix = v.custom<string>(
  (value) => typeof value === 'string' && value.length <= 64 && !/[{}]/.test(value),
  'must be a string of at most 64 characters without braces',
);

const schema = optionsOf<RedisStoreOptions>()({
  client: v.custom<RedisClient>(
    (client) => toConnection(client) !== undefined,
    'must be a Redis or Cluster of ioredis, or a client or cluster of node-redis, as in { client }',
  ),
  prefix: v.optional(keyPrefix, 'otp:'),
  timeoutMs: v.optional(integer(1, 60_000), 2_000),
  onWarning: v.optional(fn<(message: string) => void>(), () => emitWarning),
});

export interface RedisStoreConfig {
  readonly connection: Connection;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly onWarning: (message: string) => void;
}

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: RedisStoreOptions): RedisStoreConfig {
  const { client, ...rest } = parseOptions(schema, options, 'createRedisStore()');
  const connection = toConnection(client);
  // The schema has made sure.
  if (connection === undefined) throw new TypeError('client');
  return { ...rest, connection };
}

function emitWarning(message: string): void {
  process.emitWarning(message, { code: 'OTP_REDIS_STORE' });
}
