import assert from 'node:assert/strict';
import {
  assertRefused,
  countOk,
  createOp,
  newLimit,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

const CHARGED = { ok: true } as const;

export const limitCases: readonly StoreCase[] = [
  storeCase('charge: admits exactly max and then refuses by name', async ({ store }) => {
    const limit = newLimit({ name: 'user', max: 3, windowSeconds: 100 });
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    }
    const refused = await store.charge([limit], createOp());
    assertRefused(refused, 'user', { from: 90, to: 100 });
  }),

  storeCase('charge: takes all limits or none', async ({ store }) => {
    const [before, full, after] = [newLimit(), newLimit({ name: 'user' }), newLimit()];
    await takeRemaining(store, full);
    for (let index = 0; index < 5; index += 1) {
      const answer = await store.charge([before, full, after], createOp());
      assertRefused(answer, 'user', { to: 600 });
    }
    assert.equal(await takeRemaining(store, before), before.max);
    assert.equal(await takeRemaining(store, after), after.max);
  }),

  storeCase('charge: of several full limits the first in the list is named', async ({ store }) => {
    const [first, second] = [newLimit({ name: 'token_used' }), newLimit({ name: 'user' })];
    await takeRemaining(store, first);
    await takeRemaining(store, second);
    assertRefused(await store.charge([first, second], createOp()), 'token_used', { to: 600 });
    assertRefused(await store.charge([second, first], createOp()), 'user', { to: 600 });
  }),

  storeCase('charge: limits of different keys do not touch each other', async ({ store }) => {
    const [one, two] = [newLimit(), newLimit()];
    await takeRemaining(store, one);
    assert.equal(await takeRemaining(store, two), two.max);
  }),

  storeCase('charge: a repeat gets the first answer and counts nothing', async ({ store }) => {
    const limits = [newLimit({ max: 2 }), newLimit({ max: 2, name: 'user' })] as const;
    const op = createOp();
    for (let index = 0; index < 4; index += 1) {
      assert.deepEqual(await store.charge(limits, op), CHARGED);
    }
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('charge: a limit of 1 is for one op, and for that one again', async ({ store }) => {
    const limit = newLimit({ name: 'token_used', max: 1 });
    const op = createOp();
    assert.deepEqual(await store.charge([limit], op), CHARGED);
    assertRefused(await store.charge([limit], createOp()), 'token_used', { to: 600 });
    assert.deepEqual(await store.charge([limit], op), CHARGED);
    assertRefused(await store.charge([limit], createOp()), 'token_used', { to: 600 });
  }),

  storeCase('charge: 100 at once on a limit of 1 are exactly one', async ({ store, race }) => {
    const limit = newLimit({ name: 'token_used', max: 1 });
    const ops = Array.from({ length: 100 }, createOp);
    const answers = await race(100, (each, index) => each.charge([limit], ops[index] ?? ''));
    assert.equal(countOk(answers), 1);
    const winner = ops[answers.findIndex(({ ok }) => ok)] ?? '';
    assert.deepEqual(await store.charge([limit], winner), CHARGED);
  }),

  storeCase('charge: 100 at once on a limit of 10 are exactly ten', async ({ race }) => {
    const limit = newLimit({ max: 10 });
    const answers = await race(100, (each) => each.charge([limit], createOp()));
    assert.equal(countOk(answers), 10);
    for (const answer of answers) if (!answer.ok) assertRefused(answer, 'recipient', { to: 600 });
  }),

  storeCase('charge: 50 at once with one op are one event', async ({ store, race }) => {
    const limit = newLimit({ max: 5 });
    const op = createOp();
    const answers = await race(50, (each) => each.charge([limit], op));
    assert.equal(countOk(answers), 50);
    assert.equal(await takeRemaining(store, limit), 4);
  }),

  storeCase(
    'charge: 100 at once over two limits, in any order, never go over one and leave no charge behind',
    async ({ store, race }) => {
      const limits = [newLimit({ max: 9 }), newLimit({ max: 50, name: 'user' })];
      const answers = await race(100, (each, index) =>
        each.charge(index % 2 === 0 ? limits : limits.toReversed(), createOp()),
      );
      const admitted = countOk(answers);
      assert.ok(admitted <= 9, `admitted ${admitted} of 9`);
      for (const limit of limits)
        assert.equal(await takeRemaining(store, limit), limit.max - admitted);
    },
  ),

  storeCase('limit: cost 0 asks without taking', async ({ store }) => {
    const limit = newLimit({ max: 2 });
    const asked = { ...limit, cost: 0 } as const;
    for (let index = 0; index < 5; index += 1) {
      assert.deepEqual(await store.charge([asked], createOp()), CHARGED);
    }
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase(
    'limit: cost 0 refuses when it is full, and nothing beside it is taken',
    async ({ store }) => {
      const limit = newLimit({ name: 'token_used', max: 1 });
      const beside = newLimit();
      const limits = [beside, { ...limit, cost: 0 }] as const;
      assert.deepEqual(await store.charge(limits, createOp()), CHARGED);
      await takeRemaining(store, limit);
      assertRefused(await store.charge(limits, createOp()), 'token_used', { to: 600 });
      assert.equal(await takeRemaining(store, beside), beside.max - 1);
    },
  ),

  storeCase('limit: cost 1 is what a limit costs', async ({ store }) => {
    const limit = newLimit({ max: 2, cost: 1 });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase(
    'limit: the window opens with its first event and then ends',
    async ({ store, wait }) => {
      const limit = newLimit({ max: 2, windowSeconds: 2 * SHORT_SECONDS });
      await store.charge([{ ...limit, cost: 0 }], createOp());
      assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      await wait(SHORT_SECONDS);
      assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      assert.equal(await takeRemaining(store, limit), 2);
    },
  ),

  storeCase(
    'limit: an event needs room in every window, and the longest wait is told',
    async ({ store, wait }) => {
      const windows = [
        { max: 2, windowSeconds: SHORT_SECONDS },
        { max: 3, windowSeconds: 100 },
      ];
      const limit = newLimit({ windows });
      assert.equal(await takeRemaining(store, limit), 2);
      assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
      await wait(SHORT_SECONDS);
      assert.equal(await takeRemaining(store, limit), 1);
      const refused = await store.charge([limit], createOp());
      assertRefused(refused, 'recipient', { from: 90, to: 100 });
      await wait(SHORT_SECONDS);
      assertRefused(await store.charge([limit], createOp()), 'recipient', { from: 90, to: 100 });
    },
  ),

  storeCase('limit: where both windows are full the longer wait is told', async ({ store }) => {
    const windows = [
      { max: 1, windowSeconds: 10 },
      { max: 1, windowSeconds: 100 },
    ];
    for (const each of [windows, windows.toReversed()]) {
      const limit = newLimit({ windows: each });
      assert.equal(await takeRemaining(store, limit), 1);
      const refused = await store.charge([limit], createOp());
      assertRefused(refused, 'recipient', { from: 90, to: 100 });
    }
  }),

  storeCase('limit: gaps go by the count of the first window', async ({ store, wait }) => {
    const windows = [
      { max: 9, windowSeconds: SHORT_SECONDS },
      { max: 9, windowSeconds: 100 },
    ];
    const limit = newLimit({ windows, gapsSeconds: [0, 90] });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    // A gap ends with its window at the latest.
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase('refund: gives back one event in every window', async ({ store, wait }) => {
    const windows = [
      { max: 2, windowSeconds: SHORT_SECONDS },
      { max: 3, windowSeconds: 100 },
    ];
    const limit = newLimit({ windows });
    assert.equal(await takeRemaining(store, limit), 2);
    await store.refund([limit]);
    assert.equal(await takeRemaining(store, limit), 1);
    await wait(SHORT_SECONDS);
    await store.refund([limit]);
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase('limit: what is refused does not prolong the window', async ({ store, wait }) => {
    const limit = newLimit({ max: 1, windowSeconds: 2 * SHORT_SECONDS });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    await wait(SHORT_SECONDS);
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase('limit: is full to the last millisecond of its window', async ({ store, advance }) => {
    if (advance === undefined) return;
    const limit = newLimit({ max: 1, windowSeconds: 60 });
    await store.charge([limit], createOp());
    await advance(59_999);
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: 1 });
    await advance(1);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase(
    'limit: gaps hold after the first event, after the second, and the last for all that follow',
    async ({ store, wait }) => {
      const limit = newLimit({ max: 10, gapsSeconds: [0, SHORT_SECONDS] });
      assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      for (let index = 0; index < 2; index += 1) {
        assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
        await wait(SHORT_SECONDS);
        assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      }
      assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    },
  ),

  storeCase('limit: the gap after the first event is the first one', async ({ store }) => {
    const limit = newLimit({ max: 10, gapsSeconds: [30, 90] });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    const refused = await store.charge([limit], createOp());
    assertRefused(refused, 'recipient', { from: 25, to: 30 });
  }),

  storeCase('limit: 100 at once are one where there is a gap', async ({ race }) => {
    const limit = newLimit({ max: 10, gapsSeconds: [30] });
    const answers = await race(100, (each) => each.charge([limit], createOp()));
    assert.equal(countOk(answers), 1);
  }),

  storeCase('refund: gives back one event of each limit', async ({ store }) => {
    const limits = [newLimit(), newLimit({ name: 'user' })];
    for (const limit of limits) await takeRemaining(store, limit);
    await store.refund(limits);
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('refund: never gives back more than was taken', async ({ store }) => {
    const limit = newLimit();
    await store.refund([limit]);
    assert.equal(await takeRemaining(store, limit), limit.max);
    for (let index = 0; index < limit.max + 2; index += 1) await store.refund([limit]);
    assert.equal(await takeRemaining(store, limit), limit.max);
  }),

  storeCase('refund: leaves the end of the window where it was', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, windowSeconds: 2 * SHORT_SECONDS });
    await takeRemaining(store, limit);
    await wait(SHORT_SECONDS);
    await store.refund([limit]);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase('refund: after the end of the window is worth nothing', async ({ store, wait }) => {
    const limit = newLimit({ max: 2, windowSeconds: 1 });
    await takeRemaining(store, limit);
    await wait(1);
    await store.refund([limit]);
    const next = newLimit({ key: limit.key, max: 2 });
    assert.equal(await takeRemaining(store, next), 2);
  }),

  storeCase('refund: 50 at once of 50 events leave none', async ({ store, race }) => {
    const limit = newLimit({ max: 50 });
    await takeRemaining(store, limit);
    await race(50, (each) => each.refund([limit]));
    assert.equal(await takeRemaining(store, limit), 50);
  }),

  storeCase(
    'reset: forgets what was counted under its keys, gaps included, and nothing else',
    async ({ store }) => {
      const [one, two] = [newLimit({ gapsSeconds: [30] }), newLimit()];
      const kept = newLimit();
      await store.charge([one], createOp());
      await takeRemaining(store, two);
      await takeRemaining(store, kept);
      await store.reset([one.key, two.key]);
      assert.deepEqual(await store.charge([one], createOp()), CHARGED);
      assert.equal(await takeRemaining(store, two), two.max);
      assert.equal(await takeRemaining(store, kept), 0);
    },
  ),

  storeCase(
    'reset: of nothing, or of keys that were never counted, resolves',
    async ({ store }) => {
      await store.reset([]);
      await store.reset([newLimit().key, newLimit().key]);
    },
  ),

  storeCase('ping: resolves while the store answers', async ({ store }) => {
    await store.ping();
  }),
];
