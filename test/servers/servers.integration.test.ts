import { afterEach, describe, expect, test } from 'vitest';
import {
  askRedis,
  startDynalite,
  startPgBouncer,
  startPostgres,
  startRedis,
  startRedisCluster,
  type TestServer,
} from './index.js';
import { isPostgresReady } from './postgres-ready.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of started.splice(0).reverse()) await server.stop();
});

async function start<T extends { stop(): Promise<void> }>(server: Promise<T>): Promise<T> {
  started.push(await server);
  return server;
}

async function isDynaliteUp({ url }: TestServer): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(500) }).then(
    () => true,
    () => false,
  );
}

const SERVERS: [string, () => Promise<TestServer>, (server: TestServer) => Promise<boolean>][] = [
  ['Redis', startRedis, async ({ port }) => (await askRedis(port, ['ping'])) === 'PONG'],
  ['Postgres', startPostgres, ({ port }) => isPostgresReady(port)],
  ['dynalite', startDynalite, isDynaliteUp],
];

describe('a server', () => {
  test.each(SERVERS)('%s is gone after a kill and back after a restart', async (_, open, isUp) => {
    const server = await start(open());
    expect(await isUp(server)).toBe(true);
    await server.kill();
    expect(await isUp(server)).toBe(false);
    await server.restart();
    expect(await isUp(server)).toBe(true);
  });

  test.each(SERVERS)('%s answers nothing while it is paused', async (_, open, isUp) => {
    const server = await start(open());
    server.pause();
    expect(await isUp(server)).toBe(false);
    server.resume();
    expect(await isUp(server)).toBe(true);
  });
});

describe('Redis', () => {
  test('finds its data again after a kill', async () => {
    const { port, kill, restart } = await start(startRedis());
    await askRedis(port, ['set', 'a', '1']);
    await kill();
    await restart();
    expect(await askRedis(port, ['get', 'a'])).toBe('1');
  });

  test('takes settings', async () => {
    const { port } = await start(startRedis({ 'maxmemory-policy': 'allkeys-lru' }));
    expect(await askRedis(port, ['config', 'get', 'maxmemory-policy'])).toContain('allkeys-lru');
  });
});

describe('a cluster', () => {
  test('has another master for a slot after the first was killed', async () => {
    const cluster = await start(startRedisCluster());
    const before = await cluster.masterOf(0);
    await before.kill();
    await expect
      .poll(async () => (await cluster.masterOf(0)).port, { timeout: 20_000 })
      .not.toBe(before.port);
    await before.restart();
    await cluster.settle();
  });
});

describe('PgBouncer', () => {
  test('takes clients', async () => {
    const postgres = await start(startPostgres());
    const bouncer = await start(startPgBouncer(postgres.url));
    expect(await isPostgresReady(bouncer.port)).toBe(true);
  });
});
