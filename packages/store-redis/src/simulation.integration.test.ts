import { storeSimulationCases } from '@otp/core/testing';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test-servers';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createRedisStore } from './index.js';
import { connect } from './lib/testing/connect.js';

const TIME_LIMIT_MS = 120_000;
const SERVERS: readonly [string, number, () => Promise<ProvidedServer>][] = [
  ['a Redis server', 2_000, provideRedis],
  ['a Redis Cluster', 500, provideRedisCluster],
];

describe.each(SERVERS)('on %s, %i creates', (_, creates, provide) => {
  let server: ProvidedServer;
  let clients: readonly [Redis | Cluster, Redis | Cluster];
  beforeAll(async () => {
    server = await provide();
    clients = [await connect(server.url), await connect(server.url)];
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  const storeAt = async (place: 0 | 1) =>
    createRedisStore({ client: clients[place], timeLimitMs: 10_000 });

  test.each(storeSimulationCases)(
    '$name',
    ({ run }) => run({ createStore: () => storeAt(0), createPeer: () => storeAt(1), creates }),
    TIME_LIMIT_MS,
  );
});
