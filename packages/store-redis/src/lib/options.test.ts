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

describe('createRedisStore', () => {
  it('fills in what is left out', () => {
    expect(resolveOptions({ client })).toMatchObject({ prefix: 'otp:', timeLimitMs: 500 });
  });

  it('refuses what it does not know or cannot work with', () => {
    refuse({ timeout: 5 }, /no option timeout; it takes client, prefix/);
    refuse({ client: {} }, /client must be a Redis or a Cluster/);
    for (const given of [undefined, client, new Redis({ ...redisOptions, lazyConnect: true })]) {
      expect(() => resolveOptions(given as unknown as RedisStoreOptions)).toThrow(
        'client must be a Redis or a Cluster of ioredis: { client }.',
      );
    }
    refuse({ prefix: 'a{b}' }, /prefix must be/);
    refuse({ timeLimitMs: 0 }, /timeLimitMs must be a whole number from 1/);
    refuse({ replicasAtClaim: { count: 0, timeLimitMs: 1 } }, /replicasAtClaim.count/);
    refuse({ replicasAtClaim: { count: 1, timeLimitMs: 500 } }, /from 1 to 499/);
    refuse({ onWarning: 'log' }, /onWarning must be a function/);
  });

  it('refuses a server client that keeps or repeats commands', () => {
    const lazy = { lazyConnect: true };
    const safe = new Redis({ ...redisOptions, ...lazy });
    expect(resolveOptions({ client: safe }).client).toBe(safe);
    refuse({ client: new Redis(lazy) }, /set enableOfflineQueue: false/);
    refuse(
      { client: new Redis({ ...lazy, enableOfflineQueue: false }) },
      /maxRetriesPerRequest: 0/,
    );
  });

  it('refuses a cluster client that repeats commands', () => {
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
