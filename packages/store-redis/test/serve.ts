import type { OtpStore } from '@otp/core/store';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test/servers';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { createRedisStore } from '../src/lib/redis-store.js';
import { connect, connectNodeRedis } from './connect.js';

export const SERVERS = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
] as const;

/** Longer than any race takes. */
const timeoutMs = 10_000;

export interface Served<Server> {
  server(): Server;
  clientAt(place: 0 | 1): Redis | Cluster;
  /** Creates a store whose time limit no race reaches. */
  storeAt(place: 0 | 1): Promise<OtpStore>;
}

/** Provides a server and two clients of ioredis for the tests of this group. */
export function serve<Server extends Pick<ProvidedServer, 'url' | 'stop'>>(
  provide: () => Promise<Server>,
): Served<Server> {
  let served: { readonly server: Server; readonly clients: readonly (Redis | Cluster)[] };
  beforeAll(async () => {
    const server = await provide();
    served = { server, clients: [await connect(server.url), await connect(server.url)] };
  });
  afterAll(async () => {
    for (const client of served.clients) client.disconnect();
    await served.server.stop();
  });
  const clientAt = (place: 0 | 1) => {
    const client = served.clients[place];
    if (client === undefined) throw new Error('not connected');
    return client;
  };
  return {
    server: () => served.server,
    clientAt,
    storeAt: async (place) => createRedisStore({ client: clientAt(place), timeoutMs }),
  };
}

/** The same for stores on two clients of node-redis. */
export function serveNodeRedis(
  provide: () => Promise<ProvidedServer>,
): Pick<Served<never>, 'storeAt'> {
  const stores: OtpStore[] = [];
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    const server = await provide();
    closing.push(() => server.stop());
    for (let place = 0; place < 2; place += 1) {
      const client = await connectNodeRedis(server.url);
      closing.unshift(() => client.destroy());
      stores.push(createRedisStore({ client, timeoutMs }));
    }
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });
  return {
    async storeAt(place) {
      const store = stores[place];
      if (store === undefined) throw new Error('not connected');
      return store;
    },
  };
}
