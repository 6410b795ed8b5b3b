import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import { describe, expect, it } from 'vitest';
import { clusterOptions, redisOptions } from './client.js';
import { type RedisStoreOptions, resolveOptions } from './options.js';

const lazy = { lazyConnect: true };
const client = new Redis({ ...redisOptions, ...lazy });

const refuse = (options: object, message: RegExp) =>
  expect(() => resolveOptions({ client, ...options } as RedisStoreOptions)).toThrow(message);

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { onWarning, connection, ...rest } = resolveOptions({ client });
    expect(rest).toEqual({ prefix: 'otp:', timeoutMs: 2_000 });
    expect(connection.isCluster).toBe(false);
    expect(onWarning).toBeTypeOf('function');
  });

  it('refuses unknown options and wrong values', () => {
    refuse({ timeout: 5 }, /^createRedisStore\(\) has no option timeout; it takes client, prefix/);
    refuse(
      { prefix: 'a{b}' },
      /^prefix must be a string of at most 64 characters without braces\.$/,
    );
    refuse({ timeoutMs: 0 }, /^timeoutMs must be an integer from 1 to 60000\.$/);
    refuse({ onWarning: 'log' }, /^onWarning must be a function\.$/);
  });

  it.each([
    ['a client of ioredis', client],
    ['options without a client', {}],
    ['options with another client', { client: { get: () => undefined } }],
    ['options with no client at all', { client: null }],
    [
      'a Sentinel client of node-redis, which repeats commands',
      { client: createSentinel({ name: 'mymaster', sentinelRootNodes: [] }) },
    ],
  ])('refuses %s in place of { client }', (_, given) => {
    expect(() => resolveOptions(given as unknown as RedisStoreOptions)).toThrow(
      'client must be a Redis or Cluster of ioredis, or a client or cluster of node-redis, as in { client }.',
    );
  });

  it('refuses a client of a server that keeps or repeats commands', () => {
    refuse({ client: new Redis(lazy) }, /set enableOfflineQueue: false/);
    refuse(
      { client: new Redis({ ...lazy, enableOfflineQueue: false }) },
      /maxRetriesPerRequest: 0/,
    );
    refuse({ client: createClient() }, /set disableOfflineQueue: true\.$/);
    const offline = createClient({ disableOfflineQueue: true });
    expect(resolveOptions({ client: offline }).connection.isCluster).toBe(false);
  });

  it('connects again within the time limit of a call, however long a server was away [S02, S17]', () => {
    const { timeoutMs } = resolveOptions({ client });
    const delays = Array.from({ length: 20 }, (_, index) => redisOptions.retryStrategy(index + 1));
    expect(Math.max(...delays)).toBeLessThanOrEqual(timeoutMs / 2);
  });

  it('refuses a client of a cluster that repeats commands', () => {
    const nodes = ['127.0.0.1:1'];
    const safe = new Cluster(nodes, { ...clusterOptions, ...lazy });
    expect(resolveOptions({ client: safe }).connection.isCluster).toBe(true);
    refuse({ client: new Cluster(nodes, lazy) }, /set retryDelayOnFailover: 0/);
    const reconnecting = { ...lazy, retryDelayOnFailover: 0, clusterNodeRetryStrategy: () => 100 };
    refuse(
      { client: new Cluster(nodes, reconnecting) },
      /redisOptions: \{ maxRetriesPerRequest: 0 \}/,
    );
    const cluster = createCluster({ rootNodes: [] });
    expect(resolveOptions({ client: cluster }).connection.isCluster).toBe(true);
  });
});
