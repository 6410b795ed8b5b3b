import assert from 'node:assert/strict';
import {
  assertRefused,
  complete,
  createOp,
  GONE,
  guessed,
  newGuess,
  newLimit,
  newRecord,
  OPENED,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

export const cancelCases: readonly StoreCase[] = [
  storeCase(
    'cancel: of an open, deletes the record and gives its limits back',
    async ({ store }) => {
      const record = newRecord();
      const limits = [newLimit(), newLimit({ name: 'client_address' })];
      await store.open(record, limits, []);
      await store.cancel(record.id, 1, limits);
      assert.deepEqual(await store.reserveCheck(record.id, newGuess()), GONE);
      assert.deepEqual(await store.reserveSend(record.id, [], createOp()), GONE);
      assert.deepEqual(await complete(store, record.id), GONE);
      for (const limit of limits) assert.equal(await takeRemaining(store, limit), limit.max);
    },
  ),

  storeCase('cancel: gives back only the limits that it is given', async ({ store }) => {
    const record = newRecord();
    const [back, kept] = [newLimit(), newLimit({ name: 'client_address' })];
    await store.open(record, [back, kept], []);
    await store.cancel(record.id, 1, [back]);
    assert.equal(await takeRemaining(store, back), back.max);
    assert.equal(await takeRemaining(store, kept), kept.max - 1);
  }),

  storeCase(
    'cancel: of an open, lets the next event of a limit with gaps pass',
    async ({ store }) => {
      const limit = newLimit({ gapsSeconds: [30] });
      const record = newRecord();
      await store.open(record, [limit], []);
      assertRefused(await store.open(newRecord(), [limit], []), 'recipient', { to: 30 });
      await store.cancel(record.id, 1, [limit]);
      assert.deepEqual(await store.open(newRecord(), [limit], []), OPENED);
    },
  ),

  storeCase('cancel: of an open, 50 at once give back once', async ({ store, race }) => {
    const limit = newLimit();
    const record = newRecord();
    for (const each of [newRecord(), newRecord(), record]) await store.open(each, [limit], []);
    await race(50, (each) => each.cancel(record.id, 1, [limit]));
    await store.cancel(record.id, 1, [limit]);
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase(
    'cancel: of a later send, restores the count, allows another send and gives back',
    async ({ store }) => {
      const { id } = await opened(store, { maxSends: 2, gapsSeconds: [0, 30] });
      const limit = newLimit();
      const first = await store.reserveSend(id, [limit], createOp());
      assert.ok(first.ok);
      await store.cancel(id, first.send, [limit]);
      assert.equal(await takeRemaining(store, limit), limit.max);
      assert.ok((await store.reserveSend(id, [], createOp())).ok);
      assertRefused(await store.reserveSend(id, [], createOp()), 'sends', { to: 600 });
    },
  ),

  storeCase('cancel: of a later send, leaves the code valid', async ({ store }) => {
    const { id, sealed } = await opened(store, { maxGuesses: 3, gapsSeconds: [0] });
    await guessed(store, id);
    const second = await store.reserveSend(id, [], createOp());
    assert.ok(second.ok);
    await store.cancel(id, second.send, []);
    const result = await store.reserveCheck(id, newGuess());
    assert.ok(result.ok);
    assert.equal(result.record.sealed, sealed);
    assert.equal(result.guessesLeft, 1);
  }),

  storeCase('cancel: of a later send, 50 at once cancel once', async ({ store, race }) => {
    const { id } = await opened(store, { maxSends: 3, gapsSeconds: [0] });
    const limit = newLimit({ max: 5 });
    assert.ok((await store.reserveSend(id, [limit], createOp())).ok);
    const last = await store.reserveSend(id, [limit], createOp());
    assert.ok(last.ok);
    await race(50, (each) => each.cancel(id, last.send, [limit]));
    assert.equal(await takeRemaining(store, limit), 4);
    assert.ok((await store.reserveSend(id, [], createOp())).ok);
    assertRefused(await store.reserveSend(id, [], createOp()), 'sends', { to: 600 });
  }),

  storeCase('cancel: does nothing if a later send was reserved since', async ({ store }) => {
    const limit = newLimit();
    const record = newRecord({ maxSends: 3, gapsSeconds: [0] });
    await store.open(record, [limit], []);
    const second = await store.reserveSend(record.id, [limit], createOp());
    assert.ok(second.ok);
    assert.ok((await store.reserveSend(record.id, [limit], createOp())).ok);
    await store.cancel(record.id, 1, [limit]);
    await store.cancel(record.id, second.send, [limit]);
    assert.equal(await takeRemaining(store, limit), 0);
    assert.ok((await store.reserveCheck(record.id, newGuess())).ok);
    assertRefused(await store.reserveSend(record.id, [], createOp()), 'sends', { to: 600 });
  }),

  storeCase(
    'cancel: a late repeat does not undo a send that was reserved after it',
    async ({ store }) => {
      const { id } = await opened(store, { maxSends: 2, gapsSeconds: [0] });
      const limit = newLimit();
      const failed = await store.reserveSend(id, [limit], createOp());
      assert.ok(failed.ok);
      await store.cancel(id, failed.send, [limit]);
      assert.ok((await store.reserveSend(id, [limit], createOp())).ok);
      await store.cancel(id, failed.send, [limit]);
      assertRefused(await store.reserveSend(id, [], createOp()), 'sends', { to: 600 });
      assert.equal(await takeRemaining(store, limit), limit.max - 1);
    },
  ),

  storeCase('cancel: an unknown id gives nothing back', async ({ store }) => {
    const limit = newLimit();
    await takeRemaining(store, limit);
    await store.cancel(newRecord().id, 1, [limit]);
    assert.equal(await takeRemaining(store, limit), 0);
  }),

  storeCase('cancel: gives back one event in every window', async ({ store, wait }) => {
    const windows = [
      { max: 2, windowSeconds: SHORT_SECONDS },
      { max: 3, windowSeconds: 100 },
    ];
    const limit = newLimit({ windows });
    const record = newRecord();
    await store.open(record, [limit], []);
    assert.equal(await takeRemaining(store, limit), 1);
    await store.cancel(record.id, 1, [limit]);
    assert.equal(await takeRemaining(store, limit), 1);
    await wait(SHORT_SECONDS);
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('cancel: never gives back more than was charged', async ({ store }) => {
    const limit = newLimit();
    for (const charged of [[], [limit]]) {
      const record = newRecord();
      await store.open(record, charged, []);
      await store.cancel(record.id, 1, [limit]);
      assert.equal(await takeRemaining(store, limit), limit.max);
      await store.reset([limit.key]);
    }
  }),

  storeCase('cancel: does not move the end of the window', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, windowSeconds: 2 * SHORT_SECONDS });
    const record = newRecord();
    await store.open(record, [limit], []);
    await takeRemaining(store, limit);
    await wait(SHORT_SECONDS);
    await store.cancel(record.id, 1, [limit]);
    assert.deepEqual(await store.charge([limit], createOp()), { ok: true });
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase('cancel: gives nothing back to a window that has ended', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, windowSeconds: 1 });
    const record = newRecord();
    await store.open(record, [limit], []);
    await wait(1);
    await store.cancel(record.id, 1, [limit]);
    const next = newLimit({ key: limit.key, max: 2 });
    assert.equal(await takeRemaining(store, next), 2);
  }),

  storeCase('cancel: 50 at once, each of another open, give back all', async ({ store, race }) => {
    const limit = newLimit({ max: 50 });
    const records = Array.from({ length: 50 }, () => newRecord());
    for (const record of records) await store.open(record, [limit], []);
    await race(50, (each, index) => each.cancel(records[index]?.id ?? '', 1, [limit]));
    assert.equal(await takeRemaining(store, limit), 50);
  }),

  storeCase('cancel: takes the event out of the count by which gaps grow', async ({ store }) => {
    const limit = newLimit({ max: 10, gapsSeconds: [0, 30] });
    for (let index = 0; index < 3; index += 1) {
      const record = await opened(store, {}, [limit]);
      await store.cancel(record.id, 1, [limit]);
    }
    for (let index = 0; index < 2; index += 1) await opened(store, {}, [limit]);
    assertRefused(await store.open(newRecord(), [limit], []), 'recipient', { from: 25, to: 30 });
  }),
];
