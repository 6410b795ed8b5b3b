import { type StoreHarness, storeCases, storeServiceCases } from '@otp/core/testing';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test-servers';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createRedisStore } from './index.js';
import { connect } from './lib/testing/connect.js';
import { dump } from './lib/testing/dump.js';

const TIME_LIMIT_MS = 120_000;
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

  const clientAt = (place: number) => {
    const client = clients[place];
    if (client === undefined) throw new Error('not connected');
    return client;
  };
  const storeAt = async (place: number) =>
    createRedisStore({ client: clientAt(place), timeLimitMs: 10_000 });
  const harness: StoreHarness = {
    createStore: () => storeAt(0),
    createPeer: () => storeAt(1),
    dump: () => dump(clientAt(0)),
  };

  it.concurrent.each(storeCases)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
  it.concurrent.each(storeServiceCases)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
});
