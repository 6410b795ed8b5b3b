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
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/test/store-samples';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { connect, connectNodeRedis } from './connect.js';
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
  // Loads the script, so that the reply that is lost is not NOSCRIPT.
  await opened(store);
  return { proxy, store };
}

/** Shorter than an outage, so that calls are rejected meanwhile. */
const SHORT_LIMIT_MS = 500;

/** Holds whatever happens to a server that loses nothing. */
function expectKept(report: StormReport): void {
  expect(report.mostSuccesses).toBeLessThanOrEqual(1);
  expect(report.mostGuesses).toBeLessThanOrEqual(stormLimits.maxGuesses);
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
  const { mostSuccesses, rejected } = await storm(store, () => sleep(300));
  expect({ mostSuccesses, rejected }).toEqual({ mostSuccesses: 1, rejected: 0 });
}

describe('a store on a Redis server', () => {
  it('keeps every promise through SIGKILL and a restart [S02]', async () => {
    const server = await start();
    const store = await storeOn(server.port, SHORT_LIMIT_MS);
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
    const store = await storeOn(server.port, SHORT_LIMIT_MS);
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

  it('keeps every promise while connections are cut, and rejects nothing [S02]', async () => {
    const { proxy, store } = await startBehindProxy();
    const report = await storm(store, async () => {
      for (let cut = 0; cut < 5; cut += 1) {
        await sleep(300);
        proxy.cut();
      }
    });
    expectKept(report);
    expect(report.rejected).toBe(0);
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
    await expect(store.open(record, [limit], [])).rejects.toMatchObject({ code: 'OOM' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'OOM' });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '0'])).toBe('OK');
    expect(await store.open(record, [limit], [])).toEqual({ ok: true, tallied: [] });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '1'])).toBe('OK');
    await expect(store.complete(record.id, newCompletion())).rejects.toMatchObject({ code: 'OOM' });
    expect(await askRedis(server.port, ['config', 'set', 'maxmemory', '0'])).toBe('OK');
    expect(await store.complete(record.id, newCompletion())).toEqual({ ok: true });
  });

  it('rejects on a read-only replica and changes nothing [S02]', async () => {
    const master = await start();
    const replica = await start({ replicaof: `127.0.0.1 ${master.port}` });
    const onMaster = await storeOn(master.port);
    const record = newRecord();
    await onMaster.open(record, [], []);
    await waitUntil('the copy', async () => (await askRedis(replica.port, ['dbsize'])) === '1');
    const onReplica = await storeOn(replica.port);
    await expect(onReplica.complete(record.id, newCompletion())).rejects.toMatchObject({
      code: 'READONLY',
    });
    await expect(onReplica.ping()).rejects.toMatchObject({ code: 'READONLY' });
    expect(await onMaster.complete(record.id, newCompletion())).toEqual({ ok: true });
  });

  it('tells at ping that its user may not run scripts', async () => {
    const server = await start();
    const store = await storeOn(server.port);
    await store.ping();
    const rules = ['setuser', 'default', '-evalsha', '-eval'];
    expect(await askRedis(server.port, ['acl', ...rules])).toBe('OK');
    await expect(store.ping()).rejects.toMatchObject({ code: 'NOPERM' });
  });

  it.each([
    // It waits as long as the server has estimated before it looks again.
    ['ioredis', connect, (client: { disconnect(): void }) => client.disconnect()],
    ['node-redis', connectNodeRedis, (client: { destroy(): void }) => client.destroy()],
  ] as const)('waits with %s while the server loads its data [S02]', async (_, connectTo, end) => {
    const server = await start({
      appendonly: 'no',
      // Microseconds for each key, and bytes after which the server reads from its clients meanwhile.
      'key-load-delay': '20000',
      'loading-process-events-interval-bytes': '1024',
    });
    const client = await connectTo(server.url);
    onTestFinished(() => end(client as never));
    const store = createRedisStore({ client, timeoutMs: 30_000 });
    const record = newRecord();
    await store.open(record, [], []);
    await Promise.all(Array.from({ length: 100 }, () => store.open(newRecord(), [], [])));
    expect(await askRedis(server.port, ['save'])).toBe('OK');
    await server.kill();
    const restarted = server.restart();
    await waitUntil('loading', async () =>
      (await askRedis(server.port, ['info', 'persistence'])).includes('loading:1'),
    );
    expect(await store.complete(record.id, newCompletion())).toEqual({ ok: true });
    await restarted;
    await expectRecovered(store);
  });
});

describe('a reply that is lost: the call is sent again and counts once,', () => {
  it('complete, for one op [R10]', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const completion = newCompletion();
    expect(await lose(proxy, completion.op, () => store.complete(id, completion))).toEqual({
      ok: true,
    });
    expect(await store.complete(id, newCompletion())).toEqual({ ok: false, why: 'gone' });
    expect(await store.complete(id, completion)).toEqual({ ok: true });
  });

  it('open', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(2);
    const record = newRecord();
    const answer = await lose(proxy, record.id, () => store.open(record, [limit], []));
    expect(answer).toEqual({ ok: true, tallied: [] });
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
  });

  it('reserveCheck', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const limit = newLimit(2);
    const guess = newGuess({ limits: [limit] });
    const answer = await lose(proxy, guess.op, () => store.reserveCheck(id, guess));
    expect(answer).toMatchObject({ guessesLeft: 4 });
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 3 });
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
  });

  it('reserveSend', async () => {
    const { proxy, store } = await startBehindProxy();
    const { id } = await opened(store);
    const [op, limit] = [createOp(), newLimit(1)];
    expect(await lose(proxy, op, () => store.reserveSend(id, [limit], op))).toMatchObject({
      send: 2,
    });
    expect(await store.reserveSend(id, [], createOp())).toMatchObject({ send: 3 });
  });

  it('charge', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(1);
    const op = createOp();
    expect(await lose(proxy, op, () => store.charge([limit], op))).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
    expect(await store.charge([limit], op)).toEqual({ ok: true });
  });

  it('cancel', async () => {
    const { proxy, store } = await startBehindProxy();
    const limit = newLimit(3);
    const record = newRecord();
    await store.open(record, [limit], []);
    for (let event = 0; event < 2; event += 1) await store.charge([limit], createOp());
    await lose(proxy, record.id, () => store.cancel(record.id, 1, [limit]));
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect((await store.charge([limit], createOp())).ok).toBe(false);
  });
});

it('rejects a message whose count was cut off, which a repeat could count twice', async () => {
  const { proxy, store } = await startBehindProxy();
  const [{ id }, tally] = [await opened(store), newTally()];
  const lost = proxy.loseReplyTo(tally.key);
  await expect(store.recordSend(id, 1, { tallies: [tally] })).rejects.toThrow(/Redis/);
  await lost;
  expect(await store.open(newRecord(), [], [tally])).toMatchObject({
    tallied: [{ sent: 1, verified: 0 }],
  });
});

describe('an error of the store', () => {
  it('holds no argument of the call [P01]', async () => {
    const server = await start();
    const store = await storeOn(server.port, SHORT_LIMIT_MS);
    const [record, limit, { op }] = [newRecord(), newLimit(1), newCompletion()];
    await askRedis(server.port, ['config', 'set', 'maxmemory', '1']);
    const refused = await store.open(record, [limit], []).catch((error: unknown) => error);
    await server.kill();
    const cut = await store
      .complete(record.id, newCompletion({ op }))
      .catch((error: unknown) => error);
    for (const error of [refused, cut]) {
      expect(error).toBeInstanceOf(Error);
      const text = inspect(error, { depth: 10, showHidden: true });
      for (const secret of [record.id, record.sealed, limit.key, op]) {
        expect(text).not.toContain(secret);
      }
    }
  });
});

function newTally() {
  const { key } = newLimit();
  const at = Math.floor(Date.now() / 1000);
  return { key, at, until: at, enough: 10 };
}

async function opened(store: OtpStore) {
  const record = newRecord();
  expect(await store.open(record, [], [])).toEqual({ ok: true, tallied: [] });
  return record;
}

async function lose<T>(proxy: TcpProxy, bytes: string, call: () => Promise<T>): Promise<T> {
  const lost = proxy.loseReplyTo(bytes);
  const answer = await call();
  await lost;
  return answer;
}
