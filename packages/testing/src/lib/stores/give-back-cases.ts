import assert from 'node:assert/strict';
import { GIVE_BACKS_PER_DAY, type Limit, type OtpStore } from '@otp/core/store';
import {
  assertRefused,
  complete,
  createOp,
  newGuess,
  newLimit,
  newRecord,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

const DAY_SECONDS = 86_400;

/** Opens a verification that is charged the limits, and completes it. */
async function succeed(store: OtpStore, create: readonly Limit[]): Promise<void> {
  const { id } = await opened(store, {}, create);
  assert.deepEqual(await complete(store, id, { create }), { ok: true });
}

/** What a success gives back to limits. */
export const giveBackCases: readonly StoreCase[] = [
  storeCase(
    'give back: one event of each limit of the guess and of the create',
    async ({ store }) => {
      const [create, guess] = [newLimit(), newLimit({ name: 'user' })];
      const { id } = await opened(store, {}, [create]);
      assert.ok((await store.reserveCheck(id, newGuess({ limits: [guess] }))).ok);
      for (const limit of [create, guess]) {
        assert.equal(await takeRemaining(store, limit), limit.max - 1);
      }
      assert.deepEqual(await complete(store, id, { create: [create], guess: [guess] }), {
        ok: true,
      });
      for (const limit of [create, guess]) assert.equal(await takeRemaining(store, limit), 1);
    },
  ),

  storeCase('give back: once, however often the op is repeated', async ({ store, race }) => {
    const [create, guess] = [newLimit({ max: 60 }), newLimit({ max: 60 })];
    const { id } = await opened(store, {}, [create]);
    for (const limit of [create, guess]) await takeRemaining(store, limit);
    const completion = { op: createOp(), create: [create], guess: [guess] };
    await race(20, (each) => complete(each, id, completion));
    await complete(store, id, completion);
    await complete(store, id, { ...completion, op: createOp() });
    for (const limit of [create, guess]) assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('give back: never more than was counted', async ({ store }) => {
    const limits = [newLimit(), newLimit()] as const;
    const { id } = await opened(store);
    await complete(store, id, { create: [limits[0]], guess: [limits[1]] });
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), limit.max);
  }),

  storeCase('give back: from every window', async ({ store, wait }) => {
    const windows = [
      { max: 2, windowSeconds: 2 * SHORT_SECONDS },
      { max: 3, windowSeconds: 100 },
    ];
    const limit = newLimit({ windows });
    const { id } = await opened(store, {}, [limit]);
    assert.equal(await takeRemaining(store, limit), 1);
    await complete(store, id, { create: [limit] });
    assert.equal(await takeRemaining(store, limit), 1);
    await wait(2 * SHORT_SECONDS);
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('give back: the end of the window stays', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, windowSeconds: 2 * SHORT_SECONDS });
    const { id } = await opened(store, {}, [limit]);
    await takeRemaining(store, limit);
    await wait(SHORT_SECONDS);
    await complete(store, id, { create: [limit] });
    assert.deepEqual(await store.charge([limit], createOp()), { ok: true });
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase(
    'give back: no event of a create to a window that opened after the verification',
    async ({ store, wait }) => {
      const windows = [
        { max: 3, windowSeconds: SHORT_SECONDS },
        { max: 5, windowSeconds: 100 },
      ];
      const limit = newLimit({ windows });
      const { id } = await opened(store, {}, [limit]);
      await wait(SHORT_SECONDS);
      assert.equal(await takeRemaining(store, limit), 3);
      await complete(store, id, { create: [limit] });
      // The first window has opened anew and stays full; the second takes one back.
      assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      assert.equal(await takeRemaining(store, limit), 2);
    },
  ),

  storeCase(
    'give back: of a guess also to a window that opened after the verification',
    async ({ store, wait }) => {
      const limit = newLimit();
      const { id } = await opened(store);
      await wait(1);
      await takeRemaining(store, limit);
      await complete(store, id, { guess: [limit] });
      assert.equal(await takeRemaining(store, limit), 1);
    },
  ),

  storeCase('give back: nothing to a window that has ended', async ({ store, wait }) => {
    const [create, guess] = [newLimit({ windowSeconds: 1 }), newLimit({ windowSeconds: 1 })];
    const { id } = await opened(store, {}, [create, guess]);
    await wait(1);
    await complete(store, id, { create: [create], guess: [guess] });
    for (const { key, max } of [create, guess]) {
      assert.equal(await takeRemaining(store, newLimit({ key, max })), max);
    }
  }),

  storeCase('give back: the gap stays and the next gap grows', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, gapsSeconds: [0, SHORT_SECONDS, 100] });
    await succeed(store, [limit]);
    await succeed(store, [limit]);
    assertRefused(await store.open(newRecord(), [limit], []), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    await succeed(store, [limit]);
    assertRefused(await store.open(newRecord(), [limit], []), 'recipient', { from: 90, to: 100 });
  }),

  storeCase(
    'give back: gaps start anew with the first window, whatever was given back',
    async ({ store, wait }) => {
      const windows = [
        { max: 9, windowSeconds: SHORT_SECONDS },
        { max: 9, windowSeconds: DAY_SECONDS },
      ];
      const limit = newLimit({ windows, gapsSeconds: [0, 90] });
      await succeed(store, [limit]);
      await succeed(store, [limit]);
      assertRefused(await store.open(newRecord(), [limit], []), 'recipient', { to: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      await succeed(store, [limit]);
      await succeed(store, [limit]);
    },
  ),

  storeCase(
    'give back: to one limit of a create at most ten times in 24 hours',
    async ({ store, advance }) => {
      const limit = newLimit({ max: 50, windowSeconds: 2 * DAY_SECONDS });
      for (let index = 0; index < GIVE_BACKS_PER_DAY + 5; index += 1) await succeed(store, [limit]);
      assert.equal(await takeRemaining(store, limit), 45);
      if (advance === undefined) return;
      await advance(DAY_SECONDS * 1000 - 1);
      await complete(store, (await opened(store)).id, { create: [limit] });
      assert.equal(await takeRemaining(store, limit), 0);
      await advance(1);
      await complete(store, (await opened(store)).id, { create: [limit] });
      assert.equal(await takeRemaining(store, limit), 1);
    },
  ),

  storeCase(
    'give back: at most ten times in 24 hours, also when the windows have ended in between',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const limit = newLimit({ max: 20, windowSeconds: 600 });
      for (let index = 0; index < GIVE_BACKS_PER_DAY; index += 1) await succeed(store, [limit]);
      await advance(600_000);
      await succeed(store, [limit]);
      assert.equal(await takeRemaining(store, limit), 19);
    },
  ),

  storeCase(
    'give back: each limit of a create has its own ten, and shares too',
    async ({ store }) => {
      const { key } = newLimit();
      const limits = [
        newLimit({ max: 30 }),
        newLimit({ key, max: 30 }),
        newLimit({ key, share: 'one', max: 30 }),
      ];
      for (const limit of limits) {
        for (let index = 0; index < GIVE_BACKS_PER_DAY; index += 1) await succeed(store, [limit]);
        assert.equal(await takeRemaining(store, limit), 30);
      }
    },
  ),

  storeCase('give back: the events of guesses without such a bound', async ({ store }) => {
    const limit = newLimit({ max: 1, name: 'user' });
    for (let index = 0; index < GIVE_BACKS_PER_DAY + 5; index += 1) {
      const { id } = await opened(store);
      assert.ok((await store.reserveCheck(id, newGuess({ limits: [limit] }))).ok);
      assert.deepEqual(await complete(store, id, { guess: [limit] }), { ok: true });
    }
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase(
    'give back: 50 successes at once give back 50 guesses, and ten creates',
    async ({ store, race }) => {
      const [create, guess] = [newLimit({ max: 50 }), newLimit({ max: 50 })];
      const records = await Promise.all(
        Array.from({ length: 50 }, () => opened(store, {}, [create, guess])),
      );
      await race(50, (each, index) =>
        complete(each, records[index]?.id ?? '', { create: [create], guess: [guess] }),
      );
      assert.equal(await takeRemaining(store, guess), 50);
      assert.equal(await takeRemaining(store, create), GIVE_BACKS_PER_DAY);
    },
  ),
];
