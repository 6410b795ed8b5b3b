import type { OtpStore } from '@otp/core/store';
import { countWaits, startDistantProxy } from '@otp/test/count-waits';
import { provideRedis, provideRedisCluster } from '@otp/test/servers';
import { serviceWaits, WAITS_ON_ONE_NODE } from '@otp/test/service-waits';
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/test/store-samples';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterOptions, createRedisStore, redisOptions } from '../src/index.js';

const TIME_LIMIT_MS = 120_000;

/** A store whose servers are all behind distant proxies. */
interface Distant {
  readonly store: OtpStore;
  close(): Promise<unknown>;
}

const SERVERS = [
  {
    name: 'a Redis server',
    connect: connectServer,
    verbs: { open: 1, read: 1, reserveSend: 1, reserveCheck: 1, complete: 1, charge: 1 },
    service: WAITS_ON_ONE_NODE,
  },
  {
    name: 'a Redis Cluster',
    connect: connectCluster,
    verbs: { open: 1, read: 1, reserveSend: 1, reserveCheck: 2, complete: 2, charge: 1 },
    service: {
      ...WAITS_ON_ONE_NODE,
      'check of a step-up': 4,
      'check of a wrong code of a step-up': 3,
    },
  },
] as const;

describe.each(SERVERS)('waits for $name', ({ connect, verbs, service }) => {
  let distant: Distant;
  beforeAll(async () => {
    distant = await connect();
  });
  afterAll(() => distant.close());

  it('of each verb, with limits and a token', async () => {
    expect(await verbWaits(distant.store)).toEqual(verbs);
  });

  it('of each operation of a service', { timeout: TIME_LIMIT_MS }, async () => {
    expect(await serviceWaits(distant.store)).toEqual(service);
  });
});

async function verbWaits(store: OtpStore) {
  const limits = () => [newLimit(9), newLimit(9), newLimit(9)];
  const tally = { key: createOp(), at: 1, until: 1, enough: 1 };
  const opened = async () => {
    const record = newRecord();
    await store.open(record, [], []);
    return record;
  };
  return {
    open: await countWaits(
      async () => newRecord(),
      (record) => store.open(record, limits(), [tally]),
    ),
    read: await countWaits(opened, ({ id }) => store.read(id)),
    reserveSend: await countWaits(opened, ({ id }) => store.reserveSend(id, limits(), createOp())),
    reserveCheck: await countWaits(opened, ({ id }) =>
      store.reserveCheck(id, newGuess({ token: newLimit(1), limits: limits() })),
    ),
    complete: await countWaits(opened, ({ id }) =>
      store.complete(id, newCompletion({ token: newLimit(1), create: limits() })),
    ),
    charge: await countWaits(
      async () => limits(),
      (all) => store.charge(all, createOp()),
    ),
  };
}

async function connectServer(): Promise<Distant> {
  const server = await provideRedis();
  const proxy = await startDistantProxy({ port: Number(new URL(server.url).port) });
  const client = new Redis({ ...redisOptions, port: proxy.port });
  return {
    store: createRedisStore({ client, timeoutMs: 10_000 }),
    async close() {
      client.disconnect();
      await Promise.all([proxy.close(), server.stop()]);
    },
  };
}

async function connectCluster(): Promise<Distant> {
  const server = await provideRedisCluster();
  const addresses = server.url.replace('redis+cluster://', '').split(',');
  const proxies = await Promise.all(
    addresses.map((address) => startDistantProxy({ port: Number(address.split(':')[1]) })),
  );
  const natMap = Object.fromEntries(
    addresses.map((address, place) => [
      address,
      { host: '127.0.0.1', port: proxies[place]?.port ?? 0 },
    ]),
  );
  const client = new Cluster(addresses, { ...clusterOptions, natMap });
  return {
    store: createRedisStore({ client, timeoutMs: 10_000 }),
    async close() {
      client.disconnect();
      await Promise.all([...proxies.map((proxy) => proxy.close()), server.stop()]);
    },
  };
}
