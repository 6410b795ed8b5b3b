import { startDynalite, startProxy } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { newCompletion, newGuess } from '@otp/testing/internal';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import { createTestClient, createTestTable } from './test-client.js';

const server = await startDynalite();
const proxy = await startProxy(server);
const client = createTestClient(`http://127.0.0.1:${proxy.port}`);
const table = await createTestTable(client);
/** Long enough for a busy machine and a repeat of each call. */
const store = createDynamoStore({ client, table, timeoutMs: 10_000 });
/** With the default time limit. */
const impatient = createDynamoStore({ client, table });

afterEach(() => proxy.set('pass'));

afterAll(async () => {
  client.destroy();
  await proxy.close();
  await server.stop();
});

/** A verification with one try taken, and a limit of two with one event. */
async function used() {
  const [record, limit] = [newRecord(), newLimit(2)];
  expect(await store.open(record, [limit], [])).toEqual({ ok: true, tallied: [] });
  expect(await store.reserveCheck(record.id, newGuess())).toMatchObject({ guessesLeft: 4 });
  return { id: record.id, limit };
}

/** Every verb rejects while the service is down. */
async function expectDown(id: string): Promise<void> {
  const limit = newLimit();
  const calls = [
    impatient.open(newRecord(), [limit], []),
    impatient.reserveCheck(id, newGuess()),
    impatient.reserveSend(id, [], createOp()),
    impatient.cancel(id, 1, []),
    impatient.recordSend(id, 1, { channel: 'sms', tallies: [] }),
    impatient.read(id),
    impatient.complete(id, newCompletion()),
    impatient.charge([limit], createOp()),
    impatient.reset([limit.key]),
    impatient.ping(),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'DynamoStoreError' } });
  }
}

describe('a service that fails', () => {
  it('killed: every verb rejects; after a restart all counts are there [S01]', async () => {
    const { id, limit } = await used();
    await server.kill();
    await expectDown(id);
    await server.restart();
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 3 });
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
    const op = createOp();
    expect(await store.complete(id, newCompletion({ op }))).toMatchObject({ ok: true });
    await server.kill();
    await server.restart();
    expect(await store.complete(id, newCompletion())).toMatchObject({ why: 'gone' });
    expect(await store.complete(id, newCompletion({ op }))).toMatchObject({ ok: true });
  });

  it('stopped: every verb rejects; later it works, and no try is given back [S01]', async () => {
    const { id, limit } = await used();
    server.pause();
    await expectDown(id);
    server.resume();
    const answer = await store.reserveCheck(id, newGuess());
    // Calls that timed out may have taken effect when the service went on.
    expect(answer.ok ? answer.guessesLeft : 0).toBeLessThanOrEqual(3);
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });

  it('cut off: every verb rejects, and later it works [S01]', async () => {
    const { id } = await used();
    proxy.set('refuse');
    await expectDown(id);
    proxy.set('pass');
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 3 });
  });

  it('connections cut again and again: at most five tries, one claim [R03]', async () => {
    const { id } = await used();
    const cuts = setInterval(() => proxy.cut(), 5);
    const checks = Array.from({ length: 60 }, () => store.reserveCheck(id, newGuess()));
    const tries = await Promise.allSettled(checks);
    const claims = await Promise.allSettled(
      Array.from({ length: 60 }, () => store.complete(id, newCompletion())),
    );
    clearInterval(cuts);
    const admitted = tries.filter((each) => each.status === 'fulfilled' && each.value.ok);
    expect(admitted.length).toBeLessThanOrEqual(4);
    const told = claims.filter((each) => each.status === 'fulfilled' && each.value.ok);
    expect(told.length).toBeLessThanOrEqual(1);
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ ok: false });
  });
});
