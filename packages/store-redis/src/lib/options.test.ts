import { Cluster, Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { clusterOptions, type RedisClient, redisOptions } from './client.js';
import { type RedisStoreOptions, resolveOptions } from './options.js';

const client: RedisClient = {
  call: async () => undefined,
  pipeline: () => ({ exec: async () => null }),
  isCluster: false,
};

const refuse = (options: object, message: RegExp) =>
  expect(() => resolveOptions({ client, ...options } as RedisStoreOptions)).toThrow(message);

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { onWarning, ...rest } = resolveOptions({ client });
    expect(rest).toEqual({ client, prefix: 'otp:', timeoutMs: 500 });
    expect(onWarning).toBeTypeOf('function');
  });

  it('refuses unknown options and wrong values', () => {
    refuse({ timeout: 5 }, /^createRedisStore\(\) has no option timeout; it takes client, prefix/);
    refuse(
      { prefix: 'a{b}' },
      /^prefix must be a string of at most 64 characters without braces\.$/,
    );
    refuse({ timeoutMs: 0 }, /^timeoutMs must be an integer from 1 to 60000\.$/);
    refuse({ replicasAtClaim: { count: 0, timeoutMs: 1 } }, /^replicasAtClaim\.count must be/);
    refuse({ replicasAtClaim: { count: 1, timeoutMs: 500 } }, /must be less than timeoutMs\.$/);
    refuse({ onWarning: 'log' }, /^onWarning must be a function\.$/);
  });

  it.each([
    ['a client', client],
    ['a client of ioredis', new Redis({ ...redisOptions, lazyConnect: true })],
    ['options without a client', {}],
    ['options with another client', { client: {} }],
  ])('refuses %s in place of { client }', (_, given) => {
    expect(() => resolveOptions(given as RedisStoreOptions)).toThrow(
      'client must be a Redis or a Cluster of ioredis, as in { client }; it has no call().',
    );
  });

  it('refuses a client of a server that keeps or repeats commands', () => {
    const lazy = { lazyConnect: true };
    const safe = new Redis({ ...redisOptions, ...lazy });
    expect(resolveOptions({ client: safe }).client).toBe(safe);
    refuse({ client: new Redis(lazy) }, /set enableOfflineQueue: false/);
    refuse(
      { client: new Redis({ ...lazy, enableOfflineQueue: false }) },
      /maxRetriesPerRequest: 0/,
    );
  });

  it('refuses a client of a cluster that repeats commands', () => {
    const lazy = { lazyConnect: true };
    const safe = new Cluster(['127.0.0.1:1'], { ...clusterOptions, ...lazy });
    expect(resolveOptions({ client: safe }).client).toBe(safe);
    refuse({ client: new Cluster(['127.0.0.1:1'], lazy) }, /set retryDelayOnFailover: 0/);
    const reconnecting = { ...lazy, retryDelayOnFailover: 0, clusterNodeRetryStrategy: () => 100 };
    refuse(
      { client: new Cluster(['127.0.0.1:1'], reconnecting) },
      /redisOptions: \{ maxRetriesPerRequest: 0 \}/,
    );
  });
});
