import assert from 'node:assert/strict';
import type { Limit } from '@otp/core/store';
import {
  assertRefused,
  complete,
  countOk,
  createOp,
  newGuess,
  newLimit,
  newRecord,
  OPENED,
  opened,
  type StoreCase,
  type StoreWorld,
  storeCase,
  takeRemaining,
} from './store-world.js';

const CHARGED = { ok: true } as const;

/** A limit in total and, under the same key, shares of one event each. */
function createBudget({ max = 9, ofShare = 1 } = {}) {
  const total = newLimit({ max });
  const { key } = total;
  const share = (name: string, changes: Partial<Limit> = {}) =>
    newLimit({ key, share: name, name: 'client_network', max: ofShare, ...changes });
  return { key, total, share };
}

/** Many calls of a share that is full, and one of another share while there is room for exactly one. */
async function raceForLast({ store, race }: StoreWorld, isTotalFirst: boolean): Promise<void> {
  const { total, share } = createBudget({ max: 2 });
  const limitsOf = (name: string) => (isTotalFirst ? [total, share(name)] : [share(name), total]);
  await opened(store, {}, limitsOf('greedy'));
  const results = await race(60, (each, index) => {
    const limits = limitsOf(index === 30 ? 'other' : 'greedy');
    return index % 2 === 0 ? each.open(newRecord(), limits, []) : each.charge(limits, createOp());
  });
  assert.equal(results[30]?.ok, true, 'the share with room is admitted');
  assert.equal(countOk(results), 1);
  assert.equal(await takeRemaining(store, total), 0);
}

/** Counters under one key. */
export const shareCases: readonly StoreCase[] = [
  storeCase('share: counts for itself, beside the limit without a share', async ({ store }) => {
    const { total, share } = createBudget({ max: 5, ofShare: 3 });
    assert.equal(await takeRemaining(store, share('one')), 3);
    assert.equal(await takeRemaining(store, share('two')), 3);
    assert.equal(await takeRemaining(store, total), 5);
    assertRefused(await store.charge([share('one')], createOp()), 'client_network', { to: 600 });
  }),

  storeCase('share: one call charges total and share, or neither', async ({ store }) => {
    const { total, share } = createBudget({ max: 3 });
    assert.deepEqual(await store.charge([total, share('one')], createOp()), CHARGED);
    for (let index = 0; index < 5; index += 1) {
      const refused = await store.charge([total, share('one')], createOp());
      assertRefused(refused, 'client_network', { to: 600 });
    }
    assert.deepEqual(await store.charge([share('two'), total], createOp()), CHARGED);
    assert.equal(await takeRemaining(store, total), 1);
    const refused = await store.charge([share('three'), total], createOp());
    assertRefused(refused, 'recipient', { to: 600 });
    assert.equal(await takeRemaining(store, share('three')), 1);
  }),

  storeCase('share: a repeat counts in neither', async ({ store }) => {
    const { total, share } = createBudget({ max: 3, ofShare: 3 });
    const op = createOp();
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await store.charge([total, share('one')], op), CHARGED);
    }
    assert.equal(await takeRemaining(store, total), 2);
    assert.equal(await takeRemaining(store, share('one')), 2);
  }),

  ...[true, false].map((isTotalFirst) =>
    storeCase(
      `share: refused calls of one share take nothing from another at once, not for a moment, with the total ${isTotalFirst ? 'first' : 'last'}`,
      async (world) => {
        for (let round = 0; round < 10; round += 1) await raceForLast(world, isTotalFirst);
      },
    ),
  ),

  storeCase(
    'share: a refused share starts no gap of the total and of other shares',
    async ({ store, race }) => {
      const { total, share } = createBudget({ ofShare: 9 });
      const limitsOf = (name: string) =>
        [{ ...total, gapsSeconds: [0, 0, 30] }, share(name, { gapsSeconds: [30] })] as const;
      assert.deepEqual(await store.charge(limitsOf('one'), createOp()), CHARGED);
      const refused = await race(20, (each) => each.charge(limitsOf('one'), createOp()));
      for (const result of refused) assertRefused(result, 'client_network', { to: 30 });
      assert.deepEqual(await store.charge(limitsOf('two'), createOp()), CHARGED);
      assert.deepEqual(await store.charge(limitsOf('three'), createOp()), CHARGED);
      assertRefused(await store.charge(limitsOf('four'), createOp()), 'recipient', { to: 30 });
    },
  ),

  storeCase('share: 100 at once of 20 shares exceed neither', async ({ store, race }) => {
    const { total, share } = createBudget({ max: 12, ofShare: 2 });
    const results = await race(100, (each, index) =>
      each.charge([total, share(`share ${index % 20}`)], createOp()),
    );
    assert.equal(countOk(results), 12);
    for (let index = 0; index < 20; index += 1) {
      const admitted = countOk(results.filter((_, position) => position % 20 === index));
      assert.ok(admitted <= 2, `admitted ${admitted} of 2`);
      assert.equal(await takeRemaining(store, share(`share ${index}`)), 2 - admitted);
    }
  }),

  storeCase('share: cost 0 checks without charging', async ({ store }) => {
    const { total, share } = createBudget();
    const asked = [total, { ...share('one'), cost: 0 }] as const;
    for (let index = 0; index < 2; index += 1) {
      assert.deepEqual(await store.charge(asked, createOp()), CHARGED);
    }
    assert.equal(await takeRemaining(store, share('one')), 1);
    assertRefused(await store.charge(asked, createOp()), 'client_network', { to: 600 });
    assert.equal(await takeRemaining(store, total), total.max - 2);
  }),

  storeCase(
    'share: open, a send and a guess charge it; cancel gives it back',
    async ({ store }) => {
      const { total, share } = createBudget({ ofShare: 3 });
      const limits = [total, share('one')];
      const record = newRecord({ gapsSeconds: [0] });
      assert.deepEqual(await store.open(record, limits, []), OPENED);
      assert.ok((await store.reserveCheck(record.id, newGuess({ limits }))).ok);
      const sent = await store.reserveSend(record.id, limits, createOp());
      assert.ok(sent.ok);
      assertRefused(await store.charge(limits, createOp()), 'client_network', { to: 600 });
      await store.cancel(record.id, sent.send, limits);
      assert.equal(await takeRemaining(store, share('one')), 1);
      assert.equal(await takeRemaining(store, total), total.max - 2);
    },
  ),

  storeCase('share: a success gives back to total and share', async ({ store }) => {
    const { total, share } = createBudget();
    const limits = [total, share('one')];
    const { id } = await opened(store, {}, limits);
    assert.deepEqual(await complete(store, id, { create: limits }), { ok: true });
    assert.equal(await takeRemaining(store, total), total.max);
    assert.equal(await takeRemaining(store, share('one')), 1);
  }),

  storeCase('reset: forgets all shares of its keys', async ({ store }) => {
    const { key, total, share } = createBudget();
    const other = createBudget();
    for (const limit of [total, share('one'), share('two'), other.share('one')]) {
      await takeRemaining(store, limit);
    }
    await store.reset([key]);
    for (const limit of [total, share('one'), share('two')]) {
      assert.equal(await takeRemaining(store, limit), limit.max);
    }
    assert.equal(await takeRemaining(store, other.share('one')), 0);
  }),
];
