import { setTimeout as sleep } from 'node:timers/promises';
import { byDepth } from '@otp/test/depth';
import {
  askRedis,
  type ProvidedServer,
  startProxy,
  startRedis,
  startRedisCluster,
} from '@otp/test/servers';
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/test/store-samples';
import * as ioredis6 from 'ioredis';
import * as ioredis5 from 'ioredis5';
import * as redis6 from 'redis';
import * as redis5 from 'redis5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clusterOptions, createRedisStore, type RedisClient, redisOptions } from '../src/index.js';

/** A client that begins to connect, and how to end it. */
type Start = (ports: readonly number[]) => {
  readonly client: RedisClient;
  readonly end: () => void;
};

type Options = { readonly lazyConnect: boolean };
type OfIoredis = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  disconnect(): void;
};
type OfNodeRedis = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
};

/** Connects by itself; a lazy client with its first command. */
function ioredis(
  toServer: (options: typeof redisOptions & Options & { readonly port: number }) => OfIoredis,
  toCluster: (
    nodes: { readonly port: number }[],
    options: typeof clusterOptions & Options,
  ) => OfIoredis,
  lazyConnect = false,
) {
  const quiet = (client: OfIoredis) => {
    client.on('error', () => undefined);
    return { client, end: () => client.disconnect() };
  };
  const server: Start = ([port = 0]) => quiet(toServer({ ...redisOptions, port, lazyConnect }));
  const cluster: Start = (ports) =>
    quiet(
      toCluster(
        ports.map((port) => ({ port })),
        { ...clusterOptions, lazyConnect },
      ),
    );
  return { server, cluster };
}

function nodeRedis(
  toServer: (options: { url: string; disableOfflineQueue: true }) => OfNodeRedis,
  toCluster: (options: {
    rootNodes: { url: string }[];
    defaults: { disableOfflineQueue: true };
  }) => OfNodeRedis,
) {
  const connecting = (client: OfNodeRedis) => {
    client.on('error', () => undefined);
    client.connect().catch(() => undefined);
    return { client, end: () => client.destroy() };
  };
  const toUrl = (port = 0) => `redis://127.0.0.1:${port}`;
  const server: Start = ([port]) =>
    connecting(toServer({ url: toUrl(port), disableOfflineQueue: true }));
  const cluster: Start = (ports) =>
    connecting(
      toCluster({
        rootNodes: ports.map((port) => ({ url: toUrl(port) })),
        defaults: { disableOfflineQueue: true },
      }),
    );
  return { server, cluster };
}

const IOREDIS_6 = [
  (options) => new ioredis6.Redis(options),
  (nodes, options) => new ioredis6.Cluster(nodes, options),
] as const satisfies Parameters<typeof ioredis>;
const IOREDIS_5 = [
  (options) => new ioredis5.Redis(options),
  (nodes, options) => new ioredis5.Cluster(nodes, options),
] as const satisfies Parameters<typeof ioredis>;

const CLIENTS = [
  ['ioredis 6', ioredis(...IOREDIS_6)],
  ['ioredis 6, lazy,', ioredis(...IOREDIS_6, true)],
  ['ioredis 5', ioredis(...IOREDIS_5)],
  ['ioredis 5, lazy,', ioredis(...IOREDIS_5, true)],
  ['node-redis 6', nodeRedis(redis6.createClient, redis6.createCluster)],
  ['node-redis 5', nodeRedis(redis5.createClient, redis5.createCluster)],
] as const;

// Their own: other tests would not expect that their connections are closed.
const SERVER = ['server', startRedis] as const;
const CLUSTER = ['cluster', startRedisCluster] as const;
const SERVERS = byDepth({ quick: [SERVER], full: [SERVER, CLUSTER] });

function startStore(start: Start, ports: readonly number[], timeoutMs?: number) {
  const { client, end } = start(ports);
  onTestFinished(end);
  return createRedisStore({ client, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

describe.each(SERVERS)('a %s', (kind, startServer) => {
  let server: ProvidedServer;
  let ports: readonly number[];
  beforeAll(async () => {
    server = await startServer();
    ports = [...server.url.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
  });
  afterAll(() => server.stop());

  it.each(CLIENTS)('with %s that is still connecting serves every verb [S17]', async (_, start) => {
    const store = startStore(start[kind], ports);
    const [record, limit, token] = [newRecord(), newLimit(1), newLimit(1)];
    const { id } = record;
    expect(await store.open(record, [limit], [])).toEqual({ ok: true, tallied: [] });
    expect(await store.read(id)).toMatchObject({ guessesLeft: 5, sendsLeft: 4 });
    expect(await store.reserveSend(id, [], createOp())).toMatchObject({ ok: true, send: 2 });
    await store.recordSend(id, 2, { channel: 'sms', tallies: [] });
    expect(await store.reserveCheck(id, newGuess({ token }))).toMatchObject({
      ok: true,
      record: { channel: 'sms', sealed: record.sealed },
      guessesLeft: 4,
    });
    const completed = await store.complete(id, newCompletion({ token, create: [limit] }));
    expect(completed.ok && (await completed.settled)).toBeUndefined();
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
    await store.reset([limit.key]);
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    await store.ping();
  });

  it.each(CLIENTS)(
    'that closes idle connections of %s serves the next request [S17]',
    async (_, start) => {
      const store = startStore(start[kind], ports);
      await store.ping();
      // Whether the client has noticed or not.
      for (const pauseMs of [0, 5, 50]) {
        await Promise.all(
          Array.from({ length: 20 }, () => store.open(newRecord(), [newLimit()], [])),
        );
        await Promise.all(
          ports.map((port) =>
            askRedis(port, ['client', 'kill', 'type', 'normal', 'skipme', 'yes']),
          ),
        );
        if (pauseMs > 0) await sleep(pauseMs);
        const opened = await Promise.all(
          Array.from({ length: 20 }, () => store.open(newRecord(), [newLimit()], [])),
        );
        expect(opened.every(({ ok }) => ok)).toBe(true);
      }
    },
  );
});

describe('a server that is away', () => {
  it.each(CLIENTS)('and comes back within the time limit serves %s [S17]', async (_, start) => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const proxy = await startProxy({ port: server.port });
    onTestFinished(() => proxy.close());
    proxy.set('refuse');
    const store = startStore(start.server, [proxy.port]);
    const opened = store.open(newRecord(), [], []);
    await sleep(300);
    proxy.set('pass');
    expect(await opened).toEqual({ ok: true, tallied: [] });
  });

  it.each(CLIENTS)('for longer than the time limit is an error with %s [S01]', async (_, start) => {
    const store = startStore(start.server, [1], 200);
    await expect(store.open(newRecord(), [], [])).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  });

  it('is an error at once after the host has ended the client', async () => {
    const { client, end } = ioredis(...IOREDIS_6).server([1]);
    end();
    const started = performance.now();
    await expect(createRedisStore({ client }).ping()).rejects.toMatchObject({
      code: 'NOT_CONNECTED',
    });
    expect(performance.now() - started).toBeLessThan(500);
  });
});

it('counts a reply that has come while the process was busy for longer than the time limit', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const store = startStore(ioredis(...IOREDIS_6).server, [server.port], 200);
  await store.open(newRecord(), [], []);
  const opened = store.open(newRecord(), [], []);
  // By then the command is written.
  await new Promise((resolve) => setImmediate(resolve));
  const end = performance.now() + 300;
  while (performance.now() < end);
  expect(await opened).toEqual({ ok: true, tallied: [] });
});
