import { fn, instance, integer, optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import { assertSendsOnce, type RedisClient } from './client.js';

export interface RedisStoreOptions {
  /** A `Redis` or a `Cluster` of ioredis. The host connects it and ends it. */
  readonly client: RedisClient;
  /** Prefix of every key, at most 64 characters without braces. @default 'otp:' */
  readonly prefix?: string;
  /** Time limit of each wait for the server, in milliseconds, 1 to 60,000. @default 500 */
  readonly timeoutMs?: number;
  /** Replicas that must have the claim before a verification succeeds. @default none */
  readonly replicasAtClaim?: ReplicaOptions;
  /** Called once when the server might drop live limits. @default `process.emitWarning` */
  readonly onWarning?: (message: string) => void;
}

export interface ReplicaOptions {
  /** Replicas that must have acknowledged the claim, 1 to 100. */
  readonly count: number;
  /**
   * Time limit for the replicas, in milliseconds, less than `timeoutMs` of the store. The connection does nothing else
   * meanwhile.
   */
  readonly timeoutMs: number;
}

const MAX_TIMEOUT_MS = 60_000;

/** Braces in the prefix would decide the slot of every key. */
const keyPrefix = v.custom<string>(
  (value) => typeof value === 'string' && value.length <= 64 && !/[{}]/.test(value),
  'must be a string of at most 64 characters without braces',
);

const schema = optionsOf<RedisStoreOptions>()({
  client: instance<RedisClient>(
    ['call', 'pipeline'],
    'must be a Redis or a Cluster of ioredis, as in { client }',
  ),
  prefix: v.optional(keyPrefix, 'otp:'),
  timeoutMs: v.optional(integer(1, MAX_TIMEOUT_MS), 500),
  replicasAtClaim: v.optional(
    optionsOf<ReplicaOptions>()({ count: integer(1, 100), timeoutMs: integer(1, MAX_TIMEOUT_MS) }),
  ),
  onWarning: v.optional(fn<(message: string) => void>(), () => emitWarning),
});

export type RedisStoreConfig = v.InferOutput<typeof schema>;

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: RedisStoreOptions): RedisStoreConfig {
  const config = parseOptions(schema, options, 'createRedisStore()');
  assertSendsOnce(config.client);
  const { replicasAtClaim, timeoutMs } = config;
  if (replicasAtClaim !== undefined && replicasAtClaim.timeoutMs >= timeoutMs) {
    throw new TypeError('replicasAtClaim.timeoutMs must be less than timeoutMs.');
  }
  return config;
}

function emitWarning(message: string): void {
  process.emitWarning(message, { code: 'OTP_REDIS_STORE' });
}
