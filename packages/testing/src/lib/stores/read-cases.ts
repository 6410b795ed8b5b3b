import assert from 'node:assert/strict';
import {
  complete,
  createOp,
  guessed,
  newGuess,
  newRecord,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
} from './store-world.js';

export const readCases: readonly StoreCase[] = [
  storeCase('read: returns what is left and counts nothing', async ({ store }) => {
    const { id, sealed } = await opened(store, { gapsSeconds: [30], ttlSeconds: 600 });
    for (let index = 0; index < 10; index += 1) {
      const status = await store.read(id);
      assert.ok(status !== undefined);
      const { nextSendMs, ...rest } = status;
      assert.deepEqual(rest, { sealed, guessesLeft: 5, sendsLeft: 4 });
      assert.ok(nextSendMs > 20_000 && nextSendMs <= 30_000, `nextSendMs is ${nextSendMs}`);
    }
    assert.equal(await guessed(store, id), 4);
  }),

  storeCase('read: sees guesses, sends and the channel', async ({ store }) => {
    const { id } = await opened(store, { maxSends: 3, gapsSeconds: [0, 0, 30] });
    await guessed(store, id);
    const second = await store.reserveSend(id, [], createOp());
    assert.ok(second.ok);
    await store.recordSend(id, second.send, { channel: 'whatsapp', tallies: [] });
    const { sealed, ...rest } = (await store.read(id)) ?? assert.fail('is live');
    assert.deepEqual(rest, { guessesLeft: 4, sendsLeft: 1, nextSendMs: 0, channel: 'whatsapp' });

    const third = await store.reserveSend(id, [], createOp());
    assert.ok(third.ok);
    assert.equal((await store.read(id))?.sendsLeft, 0);
    await store.cancel(id, third.send, []);
    const cancelled = await store.read(id);
    assert.equal(cancelled?.sendsLeft, 1);
    assert.equal(cancelled?.nextSendMs, 0);
  }),

  storeCase('read: the next send is possible when the gap has passed', async ({ store, wait }) => {
    const { id } = await opened(store, { gapsSeconds: [SHORT_SECONDS] });
    const { nextSendMs } = (await store.read(id)) ?? assert.fail('is live');
    assert.ok(nextSendMs > 0 && nextSendMs <= SHORT_SECONDS * 1000, `nextSendMs is ${nextSendMs}`);
    await wait(SHORT_SECONDS);
    assert.equal((await store.read(id))?.nextSendMs, 0);
    assert.ok((await store.reserveSend(id, [], createOp())).ok);
  }),

  storeCase(
    'read: returns nothing for an unknown, claimed, cancelled or expired record, or without guesses left',
    async ({ store, wait }) => {
      const claimed = await opened(store);
      assert.deepEqual(await complete(store, claimed.id), { ok: true });
      const cancelled = await opened(store);
      await store.cancel(cancelled.id, 1, []);
      const usedUp = await opened(store, { maxGuesses: 1 });
      assert.ok((await store.reserveCheck(usedUp.id, newGuess())).ok);
      const expired = await opened(store, { ttlSeconds: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      for (const { id } of [newRecord(), claimed, cancelled, usedUp, expired]) {
        assert.equal(await store.read(id), undefined);
      }
    },
  ),

  storeCase(
    'read: finds a record to the last millisecond of its life',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const { id } = await opened(store);
      await advance(599_999);
      assert.notEqual(await store.read(id), undefined);
      await advance(1);
      assert.equal(await store.read(id), undefined);
    },
  ),
];
