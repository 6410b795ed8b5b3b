import { assertClient, type RedisClient } from './client.js';

export interface RedisStoreOptions {
  /** A `Redis` or a `Cluster` of ioredis; it stays the host's, to be connected and ended there. */
  readonly client: RedisClient;
  /** In front of every key. @default 'otp:' */
  readonly prefix?: string;
  /** Milliseconds that one wait for the server may take. @default 500 */
  readonly timeLimitMs?: number;
  /** Lets a verification succeed only when that many replicas have it written down. @default none */
  readonly replicasAtClaim?: ReplicaOptions;
  /** Told once when the server might drop live limits. @default `process.emitWarning` */
  readonly onWarning?: (message: string) => void;
}

export interface ReplicaOptions {
  /** Replicas that must have acknowledged. */
  readonly count: number;
  /** Milliseconds to wait for them, during which the connection does nothing else; below `timeLimitMs`. */
  readonly timeLimitMs: number;
}

export interface RedisStoreConfig {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly timeLimitMs: number;
  readonly replicasAtClaim: ReplicaOptions | undefined;
  readonly warn: (message: string) => void;
}

const KNOWN: Readonly<Record<keyof RedisStoreOptions, true>> = {
  client: true,
  prefix: true,
  timeLimitMs: true,
  replicasAtClaim: true,
  onWarning: true,
};

/** @throws TypeError that says what to write. */
export function resolveOptions(options: RedisStoreOptions): RedisStoreConfig {
  // First, because a client in the place of the options has names of its own.
  assertClient(options?.client);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown !== undefined) {
    const names = Object.keys(KNOWN).join(', ');
    throw new TypeError(
      `createRedisStore has no option ${unknown.slice(0, 64)}; it takes ${names}.`,
    );
  }
  const { client, prefix = 'otp:', timeLimitMs = 500, replicasAtClaim, onWarning = warn } = options;
  assertPrefix(prefix);
  assertWhole(timeLimitMs, 'timeLimitMs', 1, 60_000);
  if (replicasAtClaim !== undefined) {
    assertWhole(replicasAtClaim.count, 'replicasAtClaim.count', 1, 100);
    assertWhole(replicasAtClaim.timeLimitMs, 'replicasAtClaim.timeLimitMs', 1, timeLimitMs - 1);
  }
  if (typeof onWarning !== 'function') throw new TypeError('onWarning must be a function.');
  return { client, prefix, timeLimitMs, replicasAtClaim, warn: onWarning };
}

function assertPrefix(prefix: unknown): void {
  if (typeof prefix !== 'string' || prefix.length > 64 || /[{}]/.test(prefix)) {
    throw new TypeError('prefix must be a text of at most 64 characters without braces.');
  }
}

function assertWhole(value: unknown, field: string, least: number, most: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new TypeError(`${field} must be a whole number from ${least} to ${most}.`);
  }
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'OTP_REDIS_STORE' });
}
