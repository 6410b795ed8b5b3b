import assert from 'node:assert/strict';
import {
  type AttributeValue,
  DescribeTableCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Limit, NewRecord, OtpStore } from '@otp/core/store';
import { provideDynamoDb } from '@otp/test/servers';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { newCompletion, newGuess } from '@otp/testing/internal';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import type { DynamoStoreOptions } from '../src/lib/options.js';
import { createTable } from '../src/lib/table/create-table.js';
import { serviceError, startServiceProxy } from './service-proxy.js';
import { createTestClient, createTestTable } from './test-client.js';

const server = await provideDynamoDb();
const proxy = await startServiceProxy(server.url);
const client = createTestClient(proxy.url);
const table = await createTestTable(client);

afterAll(async () => {
  client.destroy();
  await proxy.close();
  await server.stop();
});

afterEach(() => proxy.answer(() => undefined));

const GENEROUS_MS = 10_000;
const OPENED = { ok: true, tallied: [] };

function createStore(changes: Partial<DynamoStoreOptions> = {}): OtpStore {
  return createDynamoStore({ client, table, timeoutMs: GENEROUS_MS, ...changes });
}

async function opened(store: OtpStore): Promise<NewRecord> {
  const record = newRecord();
  expect(await store.open(record, [], [])).toEqual(OPENED);
  return record;
}

/** Answers the first `times` calls of an operation with an error, and passes the rest on. */
function failFirst(operation: string, times: number, name: string, status = 400): void {
  let left = times;
  proxy.answer((call) => {
    if (call.operation !== operation || left === 0) return undefined;
    left -= 1;
    return serviceError(name, status);
  });
}

describe('throttling', () => {
  it.each([
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'RequestLimitExceeded',
  ])('%s: the operation is repeated and counts once [S04]', async (name) => {
    const store = createStore();
    const limit = newLimit(2);
    failFirst('UpdateItem', 1, name);
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(proxy.calls).toEqual(['UpdateItem', 'UpdateItem']);
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });

  it('throttled twice: rejects without another repeat [S04]', async () => {
    const store = createStore();
    failFirst('UpdateItem', 5, 'ProvisionedThroughputExceededException');
    const charge = store.charge([newLimit()], createOp());
    await expect(charge).rejects.toMatchObject({ name: 'DynamoStoreError', kind: 'throttled' });
    expect(proxy.calls).toHaveLength(2);
  });

  it('one limit throttled: the other limits are refunded [S04]', async () => {
    const store = createStore();
    const [counted, throttled] = [newLimit(1), newLimit(1)];
    proxy.answer(({ body }) =>
      body.includes(throttled.key)
        ? serviceError('ProvisionedThroughputExceededException')
        : undefined,
    );
    const record = newRecord();
    await expect(store.open(record, [counted, throttled], [])).rejects.toMatchObject({
      kind: 'throttled',
    });
    proxy.answer(() => undefined);
    expect(await store.open(newRecord(), [counted, throttled], [])).toEqual(OPENED);
    expect(await store.reserveCheck(record.id, newGuess())).toMatchObject({ why: 'gone' });
  });
});

describe('errors', () => {
  it('of the service: an operation that cannot count twice is repeated once', async () => {
    const store = createStore();
    const record = newRecord();
    await store.open(record, [], []);
    failFirst('UpdateItem', 1, 'InternalServerError', 500);
    expect(await store.complete(record.id, newCompletion())).toMatchObject({ ok: true });
    failFirst('UpdateItem', 2, 'InternalServerError', 500);
    await expect(store.complete(record.id, newCompletion())).rejects.toMatchObject({
      kind: 'lost',
    });
  });

  it('hold no key, value or item [P01]', async () => {
    const store = createStore();
    const record = { ...newRecord(), sealed: 'marked-as-secret' };
    const item = { sealed: { S: record.sealed } };
    const limit = newLimit();
    const op = createOp();
    for (const name of ['ValidationException', 'AccessDeniedException', 'Whatever']) {
      proxy.answer(({ body }) => serviceError(name, 400, { message: body, Item: item }));
      const error: unknown = await store.open(record, [limit], []).catch((thrown) => thrown);
      const { message, cause, stack } = error as Error;
      const seen = JSON.stringify([error, message, cause, String(cause), stack]);
      expect(message).toBe('DynamoDB UpdateItem: failed');
      expect(String(cause)).toContain(name);
      for (const secret of [record.sealed, record.id, limit.key, op]) {
        expect(seen).not.toContain(secret);
      }
    }
  });
});

/** Loses the answer to the first call of an operation, after the service has done it. */
function loseFirst(operation: string, meanwhile: () => Promise<unknown> = async () => {}): void {
  let isLost = false;
  proxy.answer((call) => {
    if (call.operation !== operation || isLost) return undefined;
    isLost = true;
    return { meanwhile };
  });
}

describe('an answer that is lost', () => {
  it('to a claim: the repeat returns true, and no other claim does [R10]', async () => {
    const store = createStore();
    const { id } = await opened(store);
    loseFirst('UpdateItem');
    expect(await store.complete(id, newCompletion())).toMatchObject({ ok: true });
    expect(await store.complete(id, newCompletion())).toMatchObject({ why: 'gone' });
  });

  it('to a check: one try is counted', async () => {
    const store = createStore();
    const { id } = await opened(store);
    loseFirst('UpdateItem');
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 4 });
    expect(await store.reserveCheck(id, newGuess())).toMatchObject({ guessesLeft: 3 });
  });

  it('to a send: one send is counted', async () => {
    const store = createStore();
    const { id } = await opened(store);
    loseFirst('UpdateItem');
    expect(await store.reserveSend(id, [], createOp())).toMatchObject({ ok: true, send: 2 });
    expect(await store.reserveSend(id, [], createOp())).toMatchObject({ ok: true, send: 3 });
  });

  it.each(['PutItem', 'UpdateItem'])(
    'to the %s of an open: the limit is charged once',
    async (operation) => {
      const store = createStore();
      const [record, limit] = [newRecord(), newLimit(2)];
      loseFirst(operation);
      expect(await store.open(record, [limit], [])).toEqual(OPENED);
      expect(await store.reserveCheck(record.id, newGuess())).toMatchObject({ guessesLeft: 4 });
      expect(await store.charge([limit], createOp())).toEqual({ ok: true });
      expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
    },
  );

  it('to a charge that another limit refuses: it is refunded', async () => {
    const store = createStore();
    const [room, full] = [newLimit(1), newLimit(1)];
    await store.charge([full], createOp());
    let isLost = false;
    proxy.answer(({ body }) => {
      if (!body.includes(room.key) || isLost) return undefined;
      isLost = true;
      return { meanwhile: async () => {} };
    });
    expect(await store.charge([room, full], createOp())).toMatchObject({ ok: false });
    expect(await store.charge([room], createOp())).toEqual({ ok: true });
  });

  it('to a charge after which another call counted: rejects and does not count again', async () => {
    const direct = createTestClient(server.url);
    const other = createStore({ client: direct });
    const store = createStore();
    const limit = newLimit(3);
    loseFirst('UpdateItem', () => other.charge([limit], createOp()));
    await expect(store.charge([limit], createOp())).rejects.toMatchObject({ kind: 'lost' });
    expect(await other.charge([limit], createOp())).toEqual({ ok: true });
    expect(await other.charge([limit], createOp())).toMatchObject({ ok: false });
    direct.destroy();
  });

  it('to a give-back: `settled` rejects, and the event is given back once', async () => {
    const store = createStore();
    const { id } = await opened(store);
    const limit = newLimit(3);
    for (let count = 0; count < 3; count += 1) await store.charge([limit], createOp());
    let isLost = false;
    proxy.answer(({ operation, body }) => {
      if (operation !== 'UpdateItem' || !body.includes(limit.key) || isLost) return undefined;
      isLost = true;
      return { meanwhile: async () => {} };
    });
    const completed = await store.complete(id, newCompletion({ guess: [limit] }));
    assert.ok(completed.ok);
    await expect(completed.settled).rejects.toMatchObject({ kind: 'lost' });
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });

  it('to a claim: what the success gives back is given back once', async () => {
    const store = createStore();
    const { id } = await opened(store);
    const limit = newLimit(3);
    for (let count = 0; count < 3; count += 1) await store.charge([limit], createOp());
    const completion = newCompletion({ guess: [limit] });
    loseFirst('UpdateItem');
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const completed = await store.complete(id, completion);
      assert.ok(completed.ok);
      await completed.settled;
    }
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });

  it('to a send: its limits are charged', async () => {
    const store = createStore();
    const { id } = await opened(store);
    const limit = newLimit(1);
    loseFirst('UpdateItem');
    expect(await store.reserveSend(id, [limit], createOp())).toMatchObject({ ok: true, send: 2 });
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });
});

describe('idle connections that have all died', () => {
  const IDLE = 20;

  it('do not fail a create, a send or a check', async () => {
    const store = createStore({ timeoutMs: 2_000 });
    const [limit, token] = [newLimit(9), newLimit(1)];
    const { id } = await opened(store);
    await store.charge([limit], createOp());
    const die = async () => {
      await Promise.all(Array.from({ length: IDLE }, () => store.ping()));
      proxy.killIdle();
    };
    await die();
    expect(await store.open(newRecord(), [limit], [])).toEqual(OPENED);
    await die();
    expect(await store.reserveSend(id, [limit], createOp())).toMatchObject({ ok: true });
    await die();
    const guess = newGuess({ limits: [limit], token });
    expect(await store.reserveCheck(id, guess)).toMatchObject({ guessesLeft: 4 });
    await die();
    const completed = await store.complete(id, newCompletion({ token, guess: [limit] }));
    assert.ok(completed.ok);
    await completed.settled;
    await die();
    expect(await store.read(id)).toBeUndefined();
    for (let left = 6; left > 0; left -= 1) {
      expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    }
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });
  });
});

describe('a limit and its shares', () => {
  it('are one item: a refused share takes nothing from the limit, not for a moment', async () => {
    const store = createStore();
    const total = newLimit(3);
    const share = { ...total, share: 'network', windows: [{ max: 1, windowSeconds: 600 }] };
    expect(await store.charge([total, share], createOp())).toEqual({ ok: true });
    proxy.answer(() => undefined);
    expect(await store.charge([total, share], createOp())).toMatchObject({ ok: false });
    // The emulator does not return the item with a failed condition.
    expect(proxy.calls).toEqual(['UpdateItem', 'GetItem']);
    expect(await store.charge([total], createOp())).toEqual({ ok: true });
    expect(await store.charge([total], createOp())).toEqual({ ok: true });
  });

  it('leave no item behind when another limit refuses, and keep other shares', async () => {
    const store = createStore();
    const [total, full] = [newLimit(3), newLimit(1)];
    const share = (name: string) => ({ ...total, share: name });
    await store.charge([full], createOp());
    const refused = await store.charge([total, share('one'), full], createOp());
    expect(refused).toMatchObject({ ok: false });
    expect(await read(total)).toBeUndefined();
    await store.charge([total, share('two')], createOp());
    const before = Object.keys((await read(total)) ?? {});
    expect(before).toContain('0Count:two');
    await store.charge([total, share('one'), full], createOp());
    expect(Object.keys((await read(total)) ?? {})).toEqual(before);
  });

  it('forgets the shares that have ended, some with each charge that opens a window', async () => {
    let now = Date.now();
    const store = createStore({ now: () => now });
    const total = newLimit(100);
    const share = (name: string) => ({ ...total, share: name });
    for (let count = 0; count < 30; count += 1) {
      await store.charge([total, share(`old ${count}`)], createOp());
    }
    for (let count = 0; count < 4; count += 1) {
      now += 600_000;
      await store.charge([total, share('new')], createOp());
    }
    const names = Object.keys((await read(total)) ?? {});
    expect(names.filter((name) => name.includes(':old'))).toEqual([]);
    expect(names).toContain('0Count:new');
  });

  it('stays small and is charged, however many networks come', async () => {
    let now = Date.now();
    const store = createStore({ now: () => now });
    const total = newLimit(30, 3_600);
    const share = { ...total, windows: [{ max: 10, windowSeconds: 3_600 }] };
    let most = 0;
    for (let network = 0; network < 300; network += 1) {
      now += 120_000;
      const limits = [{ ...share, share: `network ${network}` }, total];
      expect(await store.charge(limits, createOp())).toEqual({ ok: true });
      most = Math.max(most, await countShares(total));
    }
    // Those of an hour have not ended.
    expect(most).toBeGreaterThanOrEqual(30);
    expect(most).toBeLessThan(100);
  });

  it('is charged even if the shares that have ended cannot be dropped', async () => {
    let now = Date.now();
    const store = createStore({ now: () => now });
    const total = newLimit(100, 86_400);
    const share = (name: string) => ({ ...newLimit(3), key: total.key, share: name });
    for (let count = 0; count < 30; count += 1) {
      await store.charge([total, share(`old ${count}`)], createOp());
    }
    now += 600_000;
    proxy.answer(({ body }) =>
      body.includes('REMOVE') ? serviceError('InternalServerError', 500) : undefined,
    );
    expect(await store.charge([total, share('one')], createOp())).toEqual({ ok: true });
    expect(proxy.calls).toEqual(['UpdateItem', 'UpdateItem']);
    expect(await countShares(total)).toBe(31);
    proxy.answer(() => undefined);
    expect(await store.charge([total, share('two')], createOp())).toEqual({ ok: true });
    expect(await countShares(total)).toBe(8);
  });

  it('is charged by calls that race to drop the shares that have ended', async () => {
    const total = newLimit(100);
    const one = { N: '1' };
    const item: Record<string, AttributeValue> = {
      pk: { S: `limit#${total.key}` },
      '0Count': one,
      '0End': one,
      op: { S: 'old' },
    };
    for (let count = 0; count < 1_000; count += 1) {
      Object.assign(item, { [`0Count:${count}`]: one, [`0End:${count}`]: one });
    }
    await client.send(new PutItemCommand({ TableName: table, Item: item }));
    const store = createStore();
    // Makes each call read the item first, so that all of them see the same one.
    const unchanged = { ...total, share: 'unchanged', cost: 0 } as const;
    const charges = Array.from({ length: 40 }, (_, network) =>
      store.charge([{ ...total, share: `network ${network}` }, unchanged, total], createOp()),
    );
    expect(await Promise.all(charges)).toEqual(charges.map(() => ({ ok: true })));
  });

  async function countShares(limit: Limit): Promise<number> {
    const names = Object.keys((await read(limit)) ?? {});
    return names.filter((name) => name.startsWith('0Count:')).length;
  }

  async function read({ key }: Limit) {
    const Key = { pk: { S: `limit#${key}` } };
    return (await client.send(new GetItemCommand({ TableName: table, Key }))).Item;
  }
});

describe('clocks that differ', () => {
  it('make no gap for a limit without gaps', async () => {
    const ahead = createStore({ now: () => Date.now() + 5_000 });
    const store = createStore();
    for (const gapsSeconds of [[], [0], [0, 30]]) {
      const limit = { ...newLimit(), gapsSeconds };
      expect(await ahead.charge([limit], createOp())).toEqual({ ok: true });
      expect(await store.charge([limit], createOp())).toEqual({ ok: true });
    }
  });

  it('make a gap longer by their difference', async () => {
    const now = Date.now();
    const ahead = createStore({ now: () => now + 5_000 });
    const limit = { ...newLimit(), gapsSeconds: [30] };
    expect(await ahead.charge([limit], createOp())).toEqual({ ok: true });
    const refused = await createStore({ now: () => now }).charge([limit], createOp());
    expect(refused).toEqual({ ok: false, limit: 'recipient', retryAfterSeconds: 35 });
  });
});

describe('the item that the service returns when a condition fails', () => {
  it('is used instead of a read', async () => {
    const now = Date.now();
    const store = createStore({ now: () => now });
    const limit = newLimit(1);
    const end = String(now + 100_000);
    proxy.answer(() =>
      serviceError('ConditionalCheckFailedException', 400, {
        Item: { '0Count': { N: '1' }, '0End': { N: end }, op: { S: 'x' } },
      }),
    );
    const refused = await store.charge([limit], createOp());
    expect(refused).toEqual({ ok: false, limit: 'recipient', retryAfterSeconds: 100 });
    expect(proxy.calls).toEqual(['UpdateItem']);
  });
});

describe('the number of operations', () => {
  const windows = [
    { max: 5, windowSeconds: 60 },
    { max: 9, windowSeconds: 600 },
  ];

  it('a charge is one update for a new key and for one whose windows are open', async () => {
    const store = createStore();
    const limit = { ...newLimit(), windows };
    proxy.answer(() => undefined);
    await store.charge([limit], createOp());
    await store.charge([limit, { ...limit, share: 'new' }], createOp());
    expect(proxy.calls).toEqual(['UpdateItem', 'UpdateItem']);
  });

  it('a charge is one update more if a window has ended or there are gaps', async () => {
    let now = Date.now();
    const store = createStore({ now: () => now });
    const limit = { ...newLimit(), windows };
    const limitWithGaps = { ...newLimit(), windows, gapsSeconds: [30] };
    await store.charge([limit], createOp());
    await store.charge([limitWithGaps], createOp());
    for (const each of [limit, limitWithGaps]) {
      now += 60_000;
      proxy.answer(() => undefined);
      await store.charge([each], createOp());
      // The service returns the item with the failed condition; the emulator has to be asked.
      expect(proxy.calls).toEqual(['UpdateItem', 'GetItem', 'UpdateItem']);
    }
  });

  it('an open is one write for each key and one for the record, all at once', async () => {
    const store = createStore();
    const limit = newLimit();
    proxy.answer(() => undefined);
    const share = { ...limit, share: 'network' };
    await store.open(newRecord(), [limit, share, { ...newLimit(), cost: 0 }], []);
    expect(proxy.calls.toSorted()).toEqual(['GetItem', 'PutItem', 'UpdateItem']);
  });
});

describe('ping', () => {
  const describeWith = (more: object) =>
    proxy.answer(({ operation }) =>
      operation === 'DescribeTable' ? { status: 200, body: { Table: more } } : undefined,
    );
  const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
  const Replicas = [{ RegionName: 'us-east-1' }];

  it('checks the table and the permissions once, and reads from it at every call', async () => {
    const store = createStore();
    proxy.answer(() => undefined);
    await store.ping();
    await store.ping();
    const first = ['DescribeTable', 'PutItem', 'UpdateItem', 'DeleteItem', 'GetItem'];
    expect(proxy.calls).toEqual([...first, 'GetItem']);
  });

  it.each(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'])(
    'names %s if the role may not call it',
    async (missing) => {
      proxy.answer(({ operation }) =>
        operation === missing ? serviceError('AccessDeniedException') : undefined,
      );
      await expect(createStore().ping()).rejects.toThrow(`DynamoDB ${missing}: failed`);
    },
  );

  it('refuses a table with other keys', async () => {
    describeWith({ KeySchema: [...KeySchema, { AttributeName: 'sk', KeyType: 'RANGE' }] });
    await expect(createStore().ping()).rejects.toThrow('pk (HASH)');
  });

  it('refuses a global table without a home region', async () => {
    describeWith({ KeySchema, Replicas });
    const store = createStore();
    await expect(store.ping()).rejects.toThrow('homeRegion');
    await expect(store.ping()).rejects.toThrow('homeRegion');
  });

  it('takes a global table with a home region', async () => {
    describeWith({ KeySchema, Replicas });
    await createStore({ homeRegion: 'eu-west-1' }).ping();
  });

  it('rejects if the table does not exist', async () => {
    const store = createStore({ table: 'none-of-this-name' });
    await expect(store.ping()).rejects.toMatchObject({ name: 'DynamoStoreError' });
  });
});

describe('a wrong client', () => {
  it('of another region than homeRegion: every verb rejects without a call', async () => {
    const store = createStore({ homeRegion: 'us-east-1' });
    proxy.answer(() => undefined);
    await expect(store.open(newRecord(), [], [])).rejects.toThrow('homeRegion');
    await expect(store.ping()).rejects.toThrow('homeRegion');
    expect(proxy.calls).toEqual([]);
  });

  it('that repeats by itself: every verb rejects without a call', async () => {
    const repeating = createTestClient(proxy.url, { maxAttempts: 3 });
    const store = createStore({ client: repeating });
    proxy.answer(() => undefined);
    await expect(store.complete('id', newCompletion())).rejects.toThrow('maxAttempts: 1');
    expect(proxy.calls).toEqual([]);
    repeating.destroy();
  });
});

describe('createTable', () => {
  it('creates a table that is paid per request, and leaves one that exists as it is', async () => {
    await Promise.all([createTable(client, 'made-at-once'), createTable(client, 'made-at-once')]);
    await createTable(client, 'made-at-once');
    const { TableNames } = await client.send(new ListTablesCommand());
    expect(TableNames).toContain('made-at-once');
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'made-at-once' }));
    expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
  });

  it('enables expiry', async () => {
    const bodies: string[] = [];
    proxy.answer(({ operation, body }) => {
      if (operation !== 'UpdateTimeToLive') return undefined;
      bodies.push(body);
      return { status: 200, body: {} };
    });
    await createTable(client, table);
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { TableName: table, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
    ]);
  });

  it('leaves expiry that is enabled', async () => {
    proxy.answer(({ operation }) =>
      operation === 'DescribeTimeToLive'
        ? { status: 200, body: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } } }
        : undefined,
    );
    await createTable(client, table);
    expect(proxy.calls).not.toContain('UpdateTimeToLive');
  });
});
