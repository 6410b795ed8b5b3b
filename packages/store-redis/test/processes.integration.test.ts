import { byDepth } from '@otp/test/depth';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test/servers';
import { storeProcessCases } from '@otp/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';

const TIME_LIMIT_MS = 300_000;
const SERVERS: readonly [string, () => Promise<ProvidedServer>][] = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
];

const races = byDepth({
  quick: { servers: SERVERS.slice(0, 1), rounds: 2, checksEach: 25 },
  full: { servers: SERVERS, rounds: 20, checksEach: 250 },
});

describe.each(races.servers)('processes on %s', (_, provide) => {
  let server: ProvidedServer;
  beforeAll(async () => {
    server = await provide();
  });
  afterAll(() => server.stop());

  it.each(storeProcessCases)(
    '$name',
    ({ run }) =>
      run({
        storeModule: new URL('./race-store.ts', import.meta.url).href,
        url: server.url,
        rounds: races.rounds,
        checksEach: races.checksEach,
        execArgv: [
          '--import',
          new URL('../../../scripts/register-typescript.mjs', import.meta.url).href,
        ],
      }),
    TIME_LIMIT_MS,
  );
});
