import { type StoreHarness, storeCases } from '@otp/core/testing';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test-servers';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createRedisStore } from './index.js';
import { connect } from './lib/testing/connect.js';

const SERVERS: readonly [string, () => Promise<ProvidedServer>][] = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
];

describe.each(SERVERS)('a store on %s', (_, provide) => {
  let server: ProvidedServer;
  let clients: (Redis | Cluster)[];
  beforeAll(async () => {
    server = await provide();
    clients = [await connect(server.url), await connect(server.url)];
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  const storeOf = async (place: number) => {
    const client = clients[place];
    if (client === undefined) throw new Error('not connected');
    return createRedisStore({ client, timeLimitMs: 10_000 });
  };
  const harness: StoreHarness = { createStore: () => storeOf(0), createPeer: () => storeOf(1) };

  it.concurrent.each(storeCases)('$name', ({ run }) => run(harness));
});
