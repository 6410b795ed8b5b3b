import assert from 'node:assert/strict';
import type { OtpStore, Tallied, Tally } from '@otp/core/store';
import { createOp, newLimit, type StoreCase, storeCase } from './store-world.js';

/** Any time will do: tallies use the clock of the caller alone. */
const START = 2_000_000_000;

type Changes = Partial<Tally>;

/** A new key, and functions that count a message or a success. */
function createTally(changes: Changes = {}) {
  const fixed = { key: createOp(), until: START, enough: 3, ...changes };
  const ask = async (store: OtpStore, more: Changes): Promise<Tallied> => {
    const asked: Tally = { at: START, sent: 0, verified: 0, ...fixed, ...more };
    const [answer] = await store.tally([asked]);
    return answer ?? assert.fail('there is one result for each tally');
  };
  return {
    key: fixed.key,
    send: (store: OtpStore, at = START, more: Changes = {}) => ask(store, { at, sent: 1, ...more }),
    verify: (store: OtpStore, at = START) => ask(store, { at, verified: 1 }),
    read: (store: OtpStore, more: Changes = {}) => ask(store, more),
  };
}

export const tallyCases: readonly StoreCase[] = [
  storeCase('tally: a new key has no messages and no successes', async ({ store }) => {
    const tally = createTally();
    assert.deepEqual(await tally.read(store), { sent: 0, verified: 0 });
    assert.deepEqual(await tally.verify(store), { sent: 0, verified: 0 });
    assert.deepEqual(await store.tally([]), []);
  }),

  storeCase('tally: counts messages and successes; reading counts none', async ({ store }) => {
    const tally = createTally();
    assert.deepEqual(await tally.send(store), { sent: 1, verified: 0 });
    assert.deepEqual(await tally.send(store), { sent: 2, verified: 0 });
    assert.deepEqual(await tally.verify(store), { sent: 2, verified: 1 });
    for (let index = 0; index < 2; index += 1) {
      assert.deepEqual(await tally.read(store), { sent: 2, verified: 1 });
    }
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
      await tally.send(store, START);
      assert.deepEqual(await tally.read(store), { sent: 6, verified: 4 });
      assert.deepEqual(await tally.send(store, START), { sent: 3, verified: 0 });
      // The messages of START - 9 are forgotten by now.
      assert.deepEqual(await tally.verify(store, START - 9), { sent: 3, verified: 0 });
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
    const day = 86_400;
    await tally.send(store, START - 10);
    await tally.send(store, START + day - 1);
    const later = await tally.read(store, { until: START + day });
    assert.deepEqual(later, { sent: 1, verified: 0 });
  }),

  storeCase('tally: a success counts with its message, once for each', async ({ store }) => {
    const tally = createTally();
    await tally.send(store, START - 5);
    await tally.send(store, START - 4);
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await tally.verify(store, START - 5), { sent: 2, verified: 1 });
    }
    assert.deepEqual(await tally.read(store), { sent: 2, verified: 1 });
    assert.deepEqual(await tally.read(store, { until: START - 5 }), { sent: 1, verified: 1 });
  }),

  storeCase('tally: returns several keys in the order given', async ({ store }) => {
    const [one, two] = [createOp(), createOp()];
    const fixed = { at: START, verified: 0, until: START, enough: 3 } as const;
    const ask = (keys: readonly string[]) =>
      store.tally(keys.map((key) => ({ key, sent: key === one ? 1 : 0, ...fixed })));
    const [seen, unseen] = [
      { sent: 1, verified: 0 },
      { sent: 0, verified: 0 },
    ];
    assert.deepEqual(await ask([one, two]), [seen, unseen]);
    assert.deepEqual(await ask([two, one]), [unseen, { sent: 2, verified: 0 }]);
  }),

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
    const keys = [createOp(), createOp()];
    const fixed = { at: START, sent: 1, verified: 0, until: START, enough: 1_000 } as const;
    await race(40, (each, index) =>
      each.tally((index % 2 ? keys : keys.toReversed()).map((key) => ({ key, ...fixed }))),
    );
    const read = keys.map((key) => ({ key, ...fixed, sent: 0 }) as const);
    const all = { sent: 40, verified: 0 };
    assert.deepEqual(await store.tally(read), [all, all]);
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
    await store.reset([one.key, limit.key]);
    assert.deepEqual(await one.read(store), { sent: 0, verified: 0 });
    assert.deepEqual(await two.read(store), { sent: 1, verified: 0 });
  }),
];
