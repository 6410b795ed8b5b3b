import assert from 'node:assert/strict';
import type { OtpStore, Tallied, Tally } from '@otp/core/store';
import {
  assertRefused,
  complete,
  createOp,
  newLimit,
  newRecord,
  opened,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

/** Any time will do: tallies use the clock of the caller alone. */
const START = 2_000_000_000;
const DAY_SECONDS = 86_400;

type Changes = Partial<Tally>;

async function send(store: OtpStore, tallies: readonly Tally[]): Promise<void> {
  const { id } = await opened(store);
  await store.recordSend(id, 1, { tallies });
}

async function verify(store: OtpStore, tallies: readonly Tally[]): Promise<void> {
  const { id } = await opened(store);
  assert.deepEqual(await complete(store, id, { tallies }), { ok: true });
}

async function read(store: OtpStore, tallies: readonly Tally[]): Promise<readonly Tallied[]> {
  const result = await store.open(newRecord(), [], tallies);
  assert.ok(result.ok);
  return result.tallied;
}

/** A new key, and functions that count a message or a success. */
function createTally(changes: Changes = {}) {
  const tally: Tally = { key: createOp(), at: START, until: START, enough: 3, ...changes };
  return {
    tally,
    send: (store: OtpStore, at = START) => send(store, [{ ...tally, at }]),
    verify: (store: OtpStore, at = START) => verify(store, [{ ...tally, at }]),
    async read(store: OtpStore, more: Changes = {}): Promise<Tallied> {
      const [result] = await read(store, [{ ...tally, ...more }]);
      return result ?? assert.fail('there is one result for each tally');
    },
  };
}

export const tallyCases: readonly StoreCase[] = [
  storeCase('tally: a new key has no messages and no successes', async ({ store }) => {
    const tally = createTally();
    assert.deepEqual(await tally.read(store), { sent: 0, verified: 0 });
    await tally.verify(store);
    assert.deepEqual(await tally.read(store), { sent: 0, verified: 0 });
    assert.deepEqual(await read(store, []), []);
  }),

  storeCase('tally: counts messages and successes; reading counts none', async ({ store }) => {
    const tally = createTally();
    await tally.send(store);
    assert.deepEqual(await tally.read(store), { sent: 1, verified: 0 });
    await tally.send(store);
    await tally.verify(store);
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await tally.read(store), { sent: 2, verified: 1 });
    }
  }),

  storeCase('tally: `open` reads beside limits that it charges', async ({ store }) => {
    const { tally, ...counted } = createTally();
    await counted.send(store);
    const limit = newLimit({ max: 1 });
    const result = await store.open(newRecord(), [limit], [tally]);
    assert.deepEqual(result, { ok: true, tallied: [{ sent: 1, verified: 0 }] });
    assertRefused(await store.open(newRecord(), [limit], [tally]), 'recipient', { to: 600 });
    assert.equal(await takeRemaining(store, limit), 0);
  }),

  storeCase('tally: a repeated `open` reads it too', async ({ store }) => {
    const { tally, ...counted } = createTally();
    await counted.send(store);
    const record = newRecord();
    const results = [await store.open(record, [], [tally]), await store.open(record, [], [tally])];
    const read = { ok: true, tallied: [{ sent: 1, verified: 0 }] };
    assert.deepEqual(results, [read, read]);
  }),

  storeCase('tally: a message counts beside the channel that it took', async ({ store }) => {
    const { tally, ...counted } = createTally();
    const { id } = await opened(store);
    await store.recordSend(id, 1, { channel: 'whatsapp', tallies: [tally] });
    assert.equal((await store.read(id))?.channel, 'whatsapp');
    assert.deepEqual(await counted.read(store), { sent: 1, verified: 0 });
  }),

  storeCase('tally: a repeated success counts once', async ({ store }) => {
    const { tally, ...counted } = createTally();
    for (let index = 0; index < 2; index += 1) await counted.send(store);
    const { id } = await opened(store);
    const op = createOp();
    for (let index = 0; index < 2; index += 1) await complete(store, id, { op, tallies: [tally] });
    await complete(store, id, { tallies: [tally] });
    assert.deepEqual(await counted.read(store), { sent: 2, verified: 1 });
  }),

  storeCase('tally: returns messages up to `until`, to the second', async ({ store }) => {
    const tally = createTally({ enough: 9 });
    for (const at of [START + 1, START - 1, START]) await tally.send(store, at);
    assert.deepEqual(await tally.read(store, { until: START - 2 }), { sent: 0, verified: 0 });
    assert.deepEqual(await tally.read(store, { until: START - 1 }), { sent: 1, verified: 0 });
    assert.deepEqual(await tally.read(store), { sent: 2, verified: 0 });
    assert.deepEqual(await tally.read(store, { until: START + 1 }), { sent: 3, verified: 0 });
  }),

  storeCase(
    'tally: returns the newest `enough` messages and forgets older ones',
    async ({ store }) => {
      const tally = createTally();
      for (let count = 0; count < 4; count += 1) await tally.send(store, START - 9);
      for (let count = 0; count < 4; count += 1) await tally.verify(store, START - 9);
      assert.deepEqual(await tally.read(store), { sent: 4, verified: 4 });
      await tally.send(store, START - 1);
      await tally.send(store);
      assert.deepEqual(await tally.read(store), { sent: 6, verified: 4 });
      await tally.send(store);
      assert.deepEqual(await tally.read(store), { sent: 3, verified: 0 });
      // The messages of START - 9 are forgotten by now.
      await tally.verify(store, START - 9);
      assert.deepEqual(await tally.read(store, { enough: 100 }), { sent: 3, verified: 0 });
    },
  ),

  storeCase('tally: messages after `until` do not displace those before it', async ({ store }) => {
    const tally = createTally();
    await tally.send(store);
    for (let later = 1; later <= 20; later += 1) await tally.send(store, START + later);
    assert.deepEqual(await tally.read(store), { sent: 1, verified: 0 });
    const all = await tally.read(store, { until: START + 20, enough: 100 });
    assert.deepEqual(all, { sent: 21, verified: 0 });
  }),

  storeCase('tally: forgets messages after a day', async ({ store }) => {
    const tally = createTally();
    await tally.send(store, START - 10);
    await tally.send(store, START + DAY_SECONDS - 1);
    const later = await tally.read(store, { until: START + DAY_SECONDS });
    assert.deepEqual(later, { sent: 1, verified: 0 });
  }),

  storeCase('tally: a success counts with its message, once for each', async ({ store }) => {
    const tally = createTally();
    await tally.send(store, START - 5);
    await tally.send(store, START - 4);
    for (let index = 0; index < 3; index += 1) {
      await tally.verify(store, START - 5);
      assert.deepEqual(await tally.read(store), { sent: 2, verified: 1 });
    }
    assert.deepEqual(await tally.read(store, { until: START - 5 }), { sent: 1, verified: 1 });
  }),

  storeCase(
    'tally: counts several keys, and returns them in the order given',
    async ({ store }) => {
      const [one, two] = [createTally().tally, createTally().tally];
      await send(store, [one, two]);
      await send(store, [two]);
      await verify(store, [two, one]);
      const [ofOne, ofTwo] = [
        { sent: 1, verified: 1 },
        { sent: 2, verified: 1 },
      ];
      assert.deepEqual(await read(store, [one, two]), [ofOne, ofTwo]);
      assert.deepEqual(await read(store, [two, one]), [ofTwo, ofOne]);
    },
  ),

  storeCase(
    'tally: 100 messages at once count 100, and 100 successes too',
    async ({ store, race }) => {
      const tally = createTally({ enough: 1_000 });
      await race(100, (each, index) => tally.send(each, START - (index % 5)));
      assert.deepEqual(await tally.read(store), { sent: 100, verified: 0 });
      await race(100, (each, index) => tally.verify(each, START - (index % 5)));
      assert.deepEqual(await tally.read(store), { sent: 100, verified: 100 });
    },
  ),

  storeCase('tally: 40 at once count two keys, in any order', async ({ store, race }) => {
    const tallies = [createTally({ enough: 1_000 }).tally, createTally({ enough: 1_000 }).tally];
    await race(40, (each, index) => send(each, index % 2 ? tallies : tallies.toReversed()));
    await race(40, (each, index) => verify(each, index % 2 ? tallies : tallies.toReversed()));
    const all = { sent: 40, verified: 40 };
    assert.deepEqual(await read(store, tallies), [all, all]);
  }),

  storeCase('tally: keeps `enough` messages, however many there were', async ({ store }) => {
    const tally = createTally({ enough: 5 });
    for (let at = START - 60; at <= START; at += 1) await tally.send(store, at);
    assert.deepEqual(await tally.read(store), { sent: 5, verified: 0 });
  }),

  storeCase('reset: forgets the tallies of its keys, and nothing else', async ({ store }) => {
    const [one, two, limit] = [createTally(), createTally(), newLimit()];
    await one.send(store);
    await two.send(store);
    await store.reset([one.tally.key, limit.key]);
    assert.deepEqual(await one.read(store), { sent: 0, verified: 0 });
    assert.deepEqual(await two.read(store), { sent: 1, verified: 0 });
  }),
];
