import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { OtpStore } from '@otp/core/store';
import { byDepth } from '@otp/test/depth';
import {
  askRedis,
  type RedisConfig,
  startProxy,
  startRedis,
  type TcpProxy,
  type TestServer,
  waitUntil,
} from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { connect } from './connect.js';
import { type StormReport, storm, stormLimits } from './storm.js';

async function start(config: RedisConfig = {}): Promise<TestServer> {
  const server = await startRedis(config);
  onTestFinished(() => server.stop());
  return server;
}

async function storeOn(port: number, timeoutMs = 10_000): Promise<OtpStore> {
  const client = await connect(`redis://127.0.0.1:${port}`);
  onTestFinished(() => client.disconnect());
  return createRedisStore({ client, timeoutMs });
}

async function startBehindProxy(): Promise<{ proxy: TcpProxy; store: OtpStore }> {
  const server = await start();
  const proxy = await startProxy({ port: server.port });
  onTestFinished(() => proxy.close());
  const store = await storeOn(proxy.port);
  await loadScripts(store);
  return { proxy, store };
}

const DEFAULT_LIMIT_MS = 500;

/** Holds whatever happens to a server that loses nothing. */
function expectKept(report: StormReport): void {
  expect(report.mostClaims).toBeLessThanOrEqual(1);
  expect(report.mostTries).toBeLessThanOrEqual(stormLimits.maxTries);
  expect(report.sharedAdmitted).toBeLessThanOrEqual(stormLimits.sharedMax);
  expect(report.answered).toBeGreaterThan(100);
}

/** Restarts nothing on the side of the client. */
async function expectRecovered(store: OtpStore): Promise<void> {
  const isUp = () =>
    store.ping().then(
      () => true,
      () => false,
    );
  await waitUntil('the recovery', isUp);
  const { mostClaims, rejected } = await storm(store, () => sleep(300));
  expect({ mostClaims, rejected }).toEqual({ mostClaims: 1, rejected: 0 });
}

describe('a store on a Redis server', () => {
  it('keeps every promise through SIGKILL and a restart [S02]', async () => {
    const server = await start();
    const store = await storeOn(server.port, DEFAULT_LIMIT_MS);
    const report = await storm(store, async (calls) => {
      await sleep(500);
      await server.kill();
      await calls.settle();
      await server.restart();
      await sleep(byDepth({ quick: 500, full: 1_500 }));
    });
    expectKept(report);
    expect(report.rejected).toBeGreaterThan(0);
    await expectRecovered(store);
  });

  it('rejects while the server is stopped, and works afterwards [S01]', async () => {
    const server = await start();
    const store = await storeOn(server.port, DEFAULT_LIMIT_MS);
    const report = await storm(store, async (calls) => {
      await sleep(500);
      server.pause();
      await calls.settle();
      await sleep(byDepth({ quick: 0, full: 10_000 }));
      await calls.settle();
      server.resume();
      await sleep(500);
    });
    expectKept(report);
    expect(report.rejected).toBeGreaterThan(0);
    await expectRecovered(store);
  });

  it('keeps every promise while connections are cut [S02]', async () => {
    const { proxy, store } = await startBehindProxy();
    const report = await storm(store, async () => {
      for (let cut = 0; cut < 5; cut += 1) {
        await sleep(300);
        proxy.cut();
      }
    });
    expectKept(report);
    expect(report.rejected).toBeGreaterThan(0);
    await expectRecovered(store);
  });

  it('sends its scripts again after SCRIPT FLUSH without an error [S02]', async () => {
    const server = await start();
    const store = await storeOn(server.port);
    const report = await storm(store, async () => {
      for (let flush = 0; flush < 5; flush += 1) {
        await sleep(100);
        expect(await askRedis(server.port, ['script', 'flush'])).toBe('OK');
      }
    });
    expectKept(report);
    expect(report.rejected).toBe(0);
  });

  it('rejects writes while the memory is full, and works when there is room [S02]', async () => {
    const server = await start();
    const store = await storeOn(server.port);
    const record = newRecord();
    const limit = newLimit(1);
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '1'])).toBe('OK');
    await expect(store.open(record, [limit])).rejects.toMatchObject({ code: 'OOM' });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '0'])).toBe('OK');
    expect(await store.open(record, [limit])).toEqual({ ok: true });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '1'])).toBe('OK');
    await expect(store.claim(record.id, createOp())).rejects.toMatchObject({ code: 'OOM' });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '0'])).toBe('OK');
    expect(await store.claim(record.id, createOp())).toBe(true);
  });

  it('rejects on a read-only replica and changes nothing [S02]', async () => {
    const master = await start();
    const replica = await start({ replicaof: `127.0.0.1 ${master.port}` });
    const onMaster = await storeOn(master.port);
    const record = newRecord();
    await onMaster.open(record, []);
    await waitUntil('the copy', async () => (await askRedis(replica.port, ['dbsize'])) === '1');
    const onReplica = await storeOn(replica.port);
    await expect(onReplica.claim(record.id, createOp())).rejects.toMatchObject({
      code: 'READONLY',
    });
    expect(await onMaster.claim(record.id, createOp())).toBe(true);
  });

  it('rejects while the server loads its data [S02]', async () => {
    const server = await start({
      appendonly: 'no',
      // Microseconds for each key, and bytes after which the server reads from its clients meanwhile.
      'key-load-delay': '20000',
      'loading-process-events-interval-bytes': '1024',
    });
    const store = await storeOn(server.port);
    const record = newRecord();
    await store.open(record, []);
    await Promise.all(Array.from({ length: 100 }, () => store.open(newRecord(), [])));
    expect(await askRedis(server.port, ['save'])).toBe('OK');
    await server.kill();
    const restarted = server.restart();
    await waitUntil('loading', async () =>
      (await askRedis(server.port, ['info', 'persistence'])).includes('loading:1'),
    );
    await expect(store.claim(record.id, createOp())).rejects.toThrow(/Redis/);
    await restarted;
    await expectRecovered(store);
    expect(await store.claim(record.id, createOp())).toBe(true);
  });
});

describe('a reply that is lost', () => {
  it('of claim: the same op returns true, another op false [R10]', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const op = createOp();
    await lose(proxy, op, () => store.claim(id, op));
    expect(await repeated(() => store.claim(id, createOp()))).toBe(false);
    expect(await store.claim(id, op)).toBe(true);
  });

  it('of open: the same id is one charge', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(2);
    const record = newRecord();
    await lose(proxy, record.id, () => store.open(record, [limit]));
    expect(await repeated(() => store.open(record, [limit]))).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
  });

  it('of reserveCheck: the same op is one try', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const op = createOp();
    await lose(proxy, op, () => store.reserveCheck(id, null, op));
    expect(await repeated(() => store.reserveCheck(id, null, op))).toMatchObject({ triesLeft: 4 });
    expect(await store.reserveCheck(id, null, createOp())).toMatchObject({ triesLeft: 3 });
  });

  it('of reserveSend: the same op is one send', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const op = createOp();
    await lose(proxy, op, () => store.reserveSend(id, [newLimit(1)], op));
    expect(await repeated(() => store.reserveSend(id, [], op))).toMatchObject({ send: 2 });
    expect(await store.reserveSend(id, [], createOp())).toMatchObject({ send: 3 });
  });

  it('of charge: a limit of one admits only the op that was charged', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(1);
    const op = createOp();
    await lose(proxy, op, () => store.charge([limit], op));
    expect((await repeated(() => store.charge([limit], createOp()))).ok).toBe(false);
    expect(await store.charge([limit], op)).toEqual({ ok: true });
  });

  it('of refund: it is not sent again', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(3);
    for (let event = 0; event < 3; event += 1) await store.charge([limit], createOp());
    await lose(proxy, limit.key, () => store.refund([limit]));
    expect(await repeated(() => store.charge([limit], createOp()))).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
  });
});

describe('an error of the store', () => {
  it('holds no argument of the call [P01]', async () => {
    const server = await start();
    const store = await storeOn(server.port);
    const [record, limit, op] = [newRecord(), newLimit(1), createOp()];
    await askRedis(server.port, ['config', 'set', 'maxmemory', '1']);
    const refused = await store.open(record, [limit]).catch((error: unknown) => error);
    await server.kill();
    const cut = await store.claim(record.id, op).catch((error: unknown) => error);
    for (const error of [refused, cut]) {
      expect(error).toBeInstanceOf(Error);
      const text = inspect(error, { depth: 10, showHidden: true });
      for (const secret of [record.id, record.sealed, limit.key, op]) {
        expect(text).not.toContain(secret);
      }
    }
  });
});

/** Loads the scripts, so that the reply that is lost is not NOSCRIPT. */
async function loadScripts(store: OtpStore): Promise<void> {
  const { id } = await opened(store);
  await store.reserveSend(id, [], createOp());
  await store.reserveCheck(id, null, createOp());
  await store.claim(id, createOp());
  await store.charge([newLimit(1)], createOp());
  await store.refund([newLimit(1)]);
}

async function opened(store: OtpStore) {
  const record = newRecord();
  expect(await store.open(record, [])).toEqual({ ok: true });
  return record;
}

async function lose(proxy: TcpProxy, bytes: string, call: () => Promise<unknown>): Promise<void> {
  const lost = proxy.loseReplyTo(bytes);
  await expect(call()).rejects.toThrow(/Redis/);
  await lost;
}

/** Repeats the call until the client is connected again. */
async function repeated<T>(call: () => Promise<T>): Promise<T> {
  const answers: T[] = [];
  await waitUntil('an answer', () =>
    call().then(
      (answer) => answers.push(answer) > 0,
      () => false,
    ),
  );
  const [answer] = answers;
  if (answer === undefined) throw new Error('no answer');
  return answer;
}
