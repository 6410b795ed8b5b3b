import assert from 'node:assert/strict';
import { createOp, newRecord, opened, type StoreCase, storeCase } from './store-world.js';

const GONE = { ok: false, why: 'gone' } as const;

export const claimCases: readonly StoreCase[] = [
  storeCase('claim: is true for exactly one op, and for its repeats', async ({ store }) => {
    const { id } = await opened(store);
    const op = createOp();
    assert.equal(await store.claim(id, op), true);
    assert.equal(await store.claim(id, createOp()), false);
    assert.equal(await store.claim(id, op), true);
    assert.equal(await store.claim(id, createOp()), false);
  }),

  storeCase(
    'claim: 100 at once are true for exactly one op, and for its repeats',
    async ({ store, race }) => {
      const { id } = await opened(store);
      const ops = Array.from({ length: 100 }, createOp);
      const told = await race(100, (each, index) => each.claim(id, ops[index] ?? ''));
      const winners = ops.filter((_, index) => told[index]);
      assert.equal(winners.length, 1);
      assert.equal(await store.claim(id, winners[0] ?? ''), true);
    },
  ),

  storeCase('claim: 50 at once with one op are all true', async ({ store, race }) => {
    const { id } = await opened(store);
    const op = createOp();
    const told = await race(50, (each) => each.claim(id, op));
    assert.deepEqual(new Set(told), new Set([true]));
    assert.equal(await store.claim(id, createOp()), false);
  }),

  storeCase('claim: is possible after the last guess', async ({ store }) => {
    const { id } = await opened(store, { maxTries: 1 });
    assert.ok((await store.reserveCheck(id, null, createOp())).ok);
    assert.equal(await store.claim(id, createOp()), true);
  }),

  storeCase(
    'claim: of an unknown id is false, and does not claim a record that is opened later',
    async ({ store }) => {
      const record = newRecord();
      assert.equal(await store.claim(record.id, createOp()), false);
      await store.open(record, []);
      assert.equal(await store.claim(record.id, createOp()), true);
    },
  ),

  storeCase('claim: of an expired record is false', async ({ store, wait }) => {
    const { id } = await opened(store, { ttlSeconds: 1 });
    await wait(1);
    assert.equal(await store.claim(id, createOp()), false);
  }),

  storeCase(
    'claim: is true to the last millisecond of the life of a record, then false',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const [early, late] = [await opened(store), await opened(store)];
      await advance(599_999);
      assert.equal(await store.claim(early.id, createOp()), true);
      await advance(1);
      assert.equal(await store.claim(late.id, createOp()), false);
    },
  ),

  storeCase('claim: opening the same id again does not undo it', async ({ store }) => {
    const record = await opened(store);
    assert.equal(await store.claim(record.id, createOp()), true);
    await store.open(record, []);
    assert.deepEqual(await store.reserveCheck(record.id, null, createOp()), GONE);
    assert.equal(await store.claim(record.id, createOp()), false);
  }),
];
