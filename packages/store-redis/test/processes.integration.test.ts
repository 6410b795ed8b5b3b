import { byDepth } from '@otp/test/depth';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test/servers';
import { storeProcesses } from '@otp/test/store-processes';
import { storeProcessCases } from '@otp/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';

const TIME_LIMIT_MS = 300_000;
const SERVERS: readonly [string, () => Promise<ProvidedServer>][] = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
];

describe.each(byDepth({ quick: SERVERS.slice(0, 1), full: SERVERS }))(
  'processes on %s',
  (_, provide) => {
    let server: ProvidedServer;
    beforeAll(async () => {
      server = await provide();
    });
    afterAll(() => server.stop());

    it.each(storeProcessCases)(
      '$name',
      ({ run }) => run(storeProcesses(new URL('./race-store.ts', import.meta.url), server.url)),
      TIME_LIMIT_MS,
    );
  },
);
