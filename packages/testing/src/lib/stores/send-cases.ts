import assert from 'node:assert/strict';
import type { OtpStore } from '@otp/core/store';
import {
  assertRefused,
  complete,
  createOp,
  GONE,
  guessed,
  newGuess,
  newLimit,
  newRecord,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

async function sent(store: OtpStore, id: string, op = createOp()): Promise<number> {
  const result = await store.reserveSend(id, [], op);
  assert.ok(result.ok, 'must be allowed');
  return result.send;
}

export const sendCases: readonly StoreCase[] = [
  storeCase('reserveSend: returns the record and the number of the send', async ({ store }) => {
    const { id, sealed } = await opened(store, { gapsSeconds: [0] });
    const result = await store.reserveSend(id, [], createOp());
    assert.ok(result.ok);
    assert.equal(result.send, 2);
    assert.equal(result.record.sealed, sealed);
    assert.equal(result.record.channel, undefined);
    assert.equal(await sent(store, id), 3);
  }),

  storeCase(
    'reserveSend: refuses within the interval after the first send',
    async ({ store, wait }) => {
      const { id } = await opened(store, { gapsSeconds: [SHORT_SECONDS, 100] });
      const early = await store.reserveSend(id, [], createOp());
      assertRefused(early, 'interval', { to: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      assert.equal(await sent(store, id), 2);
      const second = await store.reserveSend(id, [], createOp());
      assertRefused(second, 'interval', { from: 90, to: 100 });
    },
  ),

  storeCase(
    'reserveSend: the last interval applies to all later sends',
    async ({ store, wait }) => {
      const { id } = await opened(store, { gapsSeconds: [0, SHORT_SECONDS] });
      assert.equal(await sent(store, id), 2);
      for (const number of [3, 4]) {
        const early = await store.reserveSend(id, [], createOp());
        assertRefused(early, 'interval', { to: SHORT_SECONDS });
        await wait(SHORT_SECONDS);
        assert.equal(await sent(store, id), number);
      }
    },
  ),

  storeCase(
    'reserveSend: after the last send it refuses until the record expires, whatever the interval',
    async ({ store }) => {
      const { id } = await opened(store, { maxSends: 2, gapsSeconds: [0, 10] });
      assert.equal(await sent(store, id), 2);
      const result = await store.reserveSend(id, [], createOp());
      assertRefused(result, 'sends', { from: 590, to: 600 });
    },
  ),

  storeCase('reserveSend: a single send allows no retry', async ({ store }) => {
    const { id } = await opened(store, { maxSends: 1, gapsSeconds: [0], ttlSeconds: 60 });
    const result = await store.reserveSend(id, [], createOp());
    assertRefused(result, 'sends', { from: 50, to: 60 });
  }),

  storeCase(
    'reserveSend: one of 100 at once passes if there is an interval',
    async ({ store, race }) => {
      const { id } = await opened(store, { gapsSeconds: [0, 30] });
      const results = await race(100, (each) => each.reserveSend(id, [], createOp()));
      assert.deepEqual(
        results.flatMap((result) => (result.ok ? [result.send] : [])),
        [2],
      );
      for (const result of results) if (!result.ok) assertRefused(result, 'interval', { to: 30 });
      assertRefused(await store.reserveSend(id, [], createOp()), 'interval', { to: 30 });
    },
  ),

  storeCase(
    'reserveSend: 100 at once never exceed the number of sends',
    async ({ store, race }) => {
      const { id } = await opened(store, { maxSends: 5, gapsSeconds: [0] });
      const results = await race(100, (each) => each.reserveSend(id, [], createOp()));
      const numbers = results.flatMap((result) => (result.ok ? [result.send] : []));
      assert.deepEqual(numbers.toSorted(), [2, 3, 4, 5]);
      assertRefused(await store.reserveSend(id, [], createOp()), 'sends', { to: 600 });
    },
  ),

  storeCase('reserveSend: a repeat gets the first result and counts nothing', async ({ store }) => {
    const { id } = await opened(store, { maxSends: 2, gapsSeconds: [0, 30] });
    const limit = newLimit();
    const op = createOp();
    for (let index = 0; index < 3; index += 1) {
      const result = await store.reserveSend(id, [limit], op);
      assert.ok(result.ok);
      assert.equal(result.send, 2);
    }
    assert.equal(await takeRemaining(store, limit), limit.max - 1);
  }),

  storeCase(
    'reserveSend: a repeat gets the first result even after other ops',
    async ({ store }) => {
      const { id } = await opened(store, { maxSends: 4, gapsSeconds: [0] });
      const first = createOp();
      assert.equal(await sent(store, id, first), 2);
      assert.equal(await sent(store, id), 3);
      assert.equal(await sent(store, id, first), 2);
      assert.equal(await sent(store, id), 4);
      assert.equal(await sent(store, id, first), 2);
    },
  ),

  storeCase('reserveSend: charges its limits', async ({ store }) => {
    const { id } = await opened(store, { gapsSeconds: [0] });
    const limits = [newLimit(), newLimit({ name: 'client_address' })];
    assert.ok((await store.reserveSend(id, limits, createOp())).ok);
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), limit.max - 1);
  }),

  storeCase(
    'reserveSend: if a limit refuses, no send is counted, no interval starts and nothing is charged',
    async ({ store }) => {
      const { id } = await opened(store, { maxSends: 2, gapsSeconds: [0, 30] });
      const [room, full] = [newLimit(), newLimit({ name: 'client_address', windowSeconds: 100 })];
      await takeRemaining(store, full);
      for (let index = 0; index < 3; index += 1) {
        const result = await store.reserveSend(id, [room, full], createOp());
        assertRefused(result, 'client_address', { from: 90, to: 100 });
      }
      assert.equal(await takeRemaining(store, room), room.max);
      assert.equal(await sent(store, id), 2);
    },
  ),

  storeCase('reserveSend: if the interval refuses, no limit is charged', async ({ store }) => {
    const { id } = await opened(store, { gapsSeconds: [30] });
    const limit = newLimit();
    assertRefused(await store.reserveSend(id, [limit], createOp()), 'interval', { to: 30 });
    assert.equal(await takeRemaining(store, limit), limit.max);
  }),

  storeCase(
    'reserveSend: unknown, claimed, cancelled or out of guesses is gone and charges no limit',
    async ({ store }) => {
      const gapsSeconds = [0];
      const claimed = await opened(store, { gapsSeconds });
      assert.deepEqual(await complete(store, claimed.id), { ok: true });
      const cancelled = await opened(store, { gapsSeconds });
      await store.cancel(cancelled.id, 1, []);
      const usedUp = await opened(store, { gapsSeconds, maxGuesses: 1 });
      assert.ok((await store.reserveCheck(usedUp.id, newGuess())).ok);
      const limit = newLimit();
      for (const { id } of [newRecord(), claimed, cancelled, usedUp]) {
        assert.deepEqual(await store.reserveSend(id, [limit], createOp()), GONE);
      }
      assert.equal(await takeRemaining(store, limit), limit.max);
    },
  ),

  storeCase('reserveSend: an expired record is gone', async ({ store, wait }) => {
    const { id } = await opened(store, { ttlSeconds: SHORT_SECONDS, gapsSeconds: [0] });
    assert.equal(await sent(store, id), 2);
    await wait(SHORT_SECONDS);
    assert.deepEqual(await store.reserveSend(id, [], createOp()), GONE);
  }),

  storeCase('reserveSend: leaves the guesses as they are', async ({ store }) => {
    const { id } = await opened(store, { maxGuesses: 2, gapsSeconds: [0] });
    assert.equal(await guessed(store, id), 1);
    assert.equal(await sent(store, id), 2);
    assert.equal(await guessed(store, id), 0);
  }),

  storeCase('recordSend: later checks and sends see the last channel', async ({ store }) => {
    const { id } = await opened(store, { gapsSeconds: [0] });
    await store.recordSend(id, 1, { channel: 'whatsapp', tallies: [] });
    const checked = await store.reserveCheck(id, newGuess());
    assert.ok(checked.ok);
    assert.equal(checked.record.channel, 'whatsapp');
    const resent = await store.reserveSend(id, [], createOp());
    assert.ok(resent.ok);
    assert.equal(resent.record.channel, 'whatsapp');
    await store.recordSend(id, resent.send, { channel: 'sms', tallies: [] });
    assert.equal((await store.read(id))?.channel, 'sms');
  }),

  storeCase('recordSend: keeps the channel that is recorded if it has none', async ({ store }) => {
    const { id } = await opened(store);
    await store.recordSend(id, 1, { tallies: [] });
    assert.equal((await store.read(id))?.channel, undefined);
    await store.recordSend(id, 1, { channel: 'whatsapp', tallies: [] });
    await store.recordSend(id, 1, { tallies: [] });
    assert.equal((await store.read(id))?.channel, 'whatsapp');
  }),

  storeCase(
    'recordSend: ignores the channel if a later send has been reserved',
    async ({ store }) => {
      const { id } = await opened(store, { gapsSeconds: [0] });
      assert.equal(await sent(store, id), 2);
      await store.recordSend(id, 1, { channel: 'whatsapp', tallies: [] });
      assert.equal((await store.read(id))?.channel, undefined);
    },
  ),

  storeCase('recordSend: an unknown id creates no record', async ({ store }) => {
    const { id } = newRecord();
    await store.recordSend(id, 1, { channel: 'sms', tallies: [] });
    assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    await opened(store, { id });
    assert.equal((await store.read(id))?.channel, undefined);
    assert.equal(await guessed(store, id), 4);
  }),
];
