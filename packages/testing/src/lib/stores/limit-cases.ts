import assert from 'node:assert/strict';
import type { Limit, OtpStore } from '@otp/core/store';
import {
  assertRefused,
  countOk,
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

const CHARGED = { ok: true } as const;

type Ask = (store: OtpStore, limits: readonly Limit[]) => Promise<{ readonly ok: boolean }>;

/** Each verb that charges limits, for an item that it finds. */
const CHARGING: Readonly<Record<string, Ask>> = {
  open: (store, limits) => store.open(newRecord(), limits, []),
  reserveSend: async (store, limits) => {
    const { id } = await opened(store, { gapsSeconds: [0] });
    return store.reserveSend(id, limits, createOp());
  },
  reserveCheck: async (store, limits) => {
    const { id } = await opened(store);
    return store.reserveCheck(id, newGuess({ limits }));
  },
  charge: (store, limits) => store.charge(limits, createOp()),
};

export const limitCases: readonly StoreCase[] = [
  storeCase(
    'charge: admits exactly max and then names the limit that refuses',
    async ({ store }) => {
      const limit = newLimit({ name: 'user', max: 3, windowSeconds: 100 });
      for (let index = 0; index < 3; index += 1) {
        assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
      }
      const refused = await store.charge([limit], createOp());
      assertRefused(refused, 'user', { from: 90, to: 100 });
    },
  ),

  storeCase('charge: charges all limits or none', async ({ store }) => {
    const [before, full, after] = [newLimit(), newLimit({ name: 'user' }), newLimit()];
    await takeRemaining(store, full);
    for (let index = 0; index < 5; index += 1) {
      const result = await store.charge([before, full, after], createOp());
      assertRefused(result, 'user', { to: 600 });
    }
    assert.equal(await takeRemaining(store, before), before.max);
    assert.equal(await takeRemaining(store, after), after.max);
  }),

  storeCase('charge: names the first of several full limits', async ({ store }) => {
    const [first, second] = [newLimit({ name: 'token_used' }), newLimit({ name: 'user' })];
    await takeRemaining(store, first);
    await takeRemaining(store, second);
    assertRefused(await store.charge([first, second], createOp()), 'token_used', { to: 600 });
    assertRefused(await store.charge([second, first], createOp()), 'user', { to: 600 });
  }),

  storeCase('charge: limits with different keys are independent', async ({ store }) => {
    const [one, two] = [newLimit(), newLimit()];
    await takeRemaining(store, one);
    assert.equal(await takeRemaining(store, two), two.max);
  }),

  storeCase('charge: a repeat gets the first result and counts nothing', async ({ store }) => {
    const limits = [newLimit({ max: 2 }), newLimit({ max: 2, name: 'user' })] as const;
    const op = createOp();
    for (let index = 0; index < 4; index += 1) {
      assert.deepEqual(await store.charge(limits, op), CHARGED);
    }
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase('charge: a limit of 1 admits one op, and its repeats', async ({ store }) => {
    const limit = newLimit({ name: 'token_used', max: 1 });
    const op = createOp();
    assert.deepEqual(await store.charge([limit], op), CHARGED);
    assertRefused(await store.charge([limit], createOp()), 'token_used', { to: 600 });
    assert.deepEqual(await store.charge([limit], op), CHARGED);
    assertRefused(await store.charge([limit], createOp()), 'token_used', { to: 600 });
  }),

  storeCase('charge: exactly one of 100 at once passes a limit of 1', async ({ store, race }) => {
    const limit = newLimit({ name: 'token_used', max: 1 });
    const ops = Array.from({ length: 100 }, createOp);
    const results = await race(100, (each, index) => each.charge([limit], ops[index] ?? ''));
    assert.equal(countOk(results), 1);
    const winner = ops[results.findIndex(({ ok }) => ok)] ?? '';
    assert.deepEqual(await store.charge([limit], winner), CHARGED);
  }),

  storeCase('charge: exactly ten of 100 at once pass a limit of 10', async ({ race }) => {
    const limit = newLimit({ max: 10 });
    const results = await race(100, (each) => each.charge([limit], createOp()));
    assert.equal(countOk(results), 10);
    for (const result of results) if (!result.ok) assertRefused(result, 'recipient', { to: 600 });
  }),

  storeCase('charge: 50 at once with one op are one event', async ({ store, race }) => {
    const limit = newLimit({ max: 5 });
    const op = createOp();
    const results = await race(50, (each) => each.charge([limit], op));
    assert.equal(countOk(results), 50);
    assert.equal(await takeRemaining(store, limit), 4);
  }),

  storeCase(
    'charge: 100 at once under two limits, in any order, exceed none and leave no charge behind',
    async ({ store, race }) => {
      const limits = [newLimit({ max: 9 }), newLimit({ max: 50, name: 'user' })];
      const results = await race(100, (each, index) =>
        each.charge(index % 2 === 0 ? limits : limits.toReversed(), createOp()),
      );
      const admitted = countOk(results);
      assert.ok(admitted <= 9, `admitted ${admitted} of 9`);
      for (const limit of limits)
        assert.equal(await takeRemaining(store, limit), limit.max - admitted);
    },
  ),

  storeCase('limit: cost 0 checks without charging', async ({ store }) => {
    const limit = newLimit({ max: 2 });
    const asked = { ...limit, cost: 0 } as const;
    for (let index = 0; index < 5; index += 1) {
      assert.deepEqual(await store.charge([asked], createOp()), CHARGED);
    }
    assert.equal(await takeRemaining(store, limit), 2);
  }),

  storeCase(
    'limit: cost 0 refuses if the limit is full, and no other limit is charged',
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

  storeCase('limit: the default cost is 1', async ({ store }) => {
    const limit = newLimit({ max: 2, cost: 1 });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.equal(await takeRemaining(store, limit), 1);
  }),

  storeCase(
    'limit: a window starts with its first event and ends after its length',
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
    'limit: an event needs room in every window; the wait is the longest',
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

  storeCase('limit: if two windows are full, the wait is the longer one', async ({ store }) => {
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

  storeCase('limit: gaps depend on the count of the first window', async ({ store, wait }) => {
    const windows = [
      { max: 9, windowSeconds: SHORT_SECONDS },
      { max: 9, windowSeconds: 100 },
    ];
    const limit = newLimit({ windows, gapsSeconds: [0, 90] });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    // A gap never outlasts its window.
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase('limit: a refused event does not extend the window', async ({ store, wait }) => {
    const limit = newLimit({ max: 1, windowSeconds: 2 * SHORT_SECONDS });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    await wait(SHORT_SECONDS);
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: SHORT_SECONDS });
    await wait(SHORT_SECONDS);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase('limit: a window is full to its last millisecond', async ({ store, advance }) => {
    if (advance === undefined) return;
    const limit = newLimit({ max: 1, windowSeconds: 60 });
    await store.charge([limit], createOp());
    await advance(59_999);
    assertRefused(await store.charge([limit], createOp()), 'recipient', { to: 1 });
    await advance(1);
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
  }),

  storeCase(
    'limit: each gap follows its event, and the last gap all later events',
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

  storeCase('limit: the first gap follows the first event', async ({ store }) => {
    const limit = newLimit({ max: 10, gapsSeconds: [30, 90] });
    assert.deepEqual(await store.charge([limit], createOp()), CHARGED);
    const refused = await store.charge([limit], createOp());
    assertRefused(refused, 'recipient', { from: 25, to: 30 });
  }),

  storeCase('limit: one of 100 at once passes if there is a gap', async ({ race }) => {
    const limit = newLimit({ max: 10, gapsSeconds: [30] });
    const results = await race(100, (each) => each.charge([limit], createOp()));
    assert.equal(countOk(results), 1);
  }),

  // The windows of a challenge last as long as its token does, so that they shrink from call to call.
  ...Object.entries(CHARGING).flatMap(([verb, ask]) => [
    storeCase(
      `${verb}: leaves nothing charged by refused calls whose windows shrink from call to call [R15]`,
      async ({ store }) => {
        const challenge = newLimit({ name: 'challenge', max: 4 });
        const recipient = newLimit({ gapsSeconds: [30] });
        const shrunk = (seconds: number): Limit => ({
          ...challenge,
          windows: [{ max: 4, windowSeconds: 600 - seconds }],
        });
        assert.ok((await ask(store, [shrunk(0), recipient])).ok);
        for (const seconds of [1, 2, 30, 250]) {
          const result = await ask(store, [shrunk(seconds), recipient]);
          assertRefused(result, 'recipient', { from: 25, to: 30 });
        }
        await store.reset([recipient.key]);
        for (const seconds of [260, 300, 599]) {
          assert.ok((await ask(store, [shrunk(seconds), newLimit()])).ok);
        }
        const full = await ask(store, [shrunk(599), newLimit()]);
        assertRefused(full, 'challenge', { from: 500, to: 600 });
      },
    ),

    storeCase(
      `${verb}: 40 refused at once with windows of their own leave nothing charged [R15]`,
      async ({ store, race }) => {
        const challenge = newLimit({ name: 'challenge', max: 50 });
        const full = newLimit({ max: 1 });
        await takeRemaining(store, full);
        const results = await race(40, (each, index) =>
          ask(each, [{ ...challenge, windows: [{ max: 50, windowSeconds: 600 - index }] }, full]),
        );
        assert.equal(countOk(results), 0);
        assert.equal(await takeRemaining(store, challenge), 50);
      },
    ),

    storeCase(`${verb}: a refused call takes back the gap that it began`, async ({ store }) => {
      const gapped = newLimit({ name: 'app', max: 9, gapsSeconds: [0, 0, 30] });
      const full = newLimit({ max: 1 });
      await takeRemaining(store, full);
      assert.deepEqual(await store.charge([gapped], createOp()), CHARGED);
      for (let index = 0; index < 4; index += 1) {
        assertRefused(await ask(store, [gapped, full]), 'recipient', { to: 600 });
      }
      for (let index = 0; index < 2; index += 1) {
        assert.deepEqual(await store.charge([gapped], createOp()), CHARGED);
      }
      assertRefused(await store.charge([gapped], createOp()), 'app', { from: 25, to: 30 });
    }),

    storeCase(`${verb}: a refused call leaves no entry in the store`, async ({ store, dump }) => {
      if (dump === undefined) return;
      const full = newLimit({ max: 1 });
      await takeRemaining(store, full);
      const untouched = newLimit({ name: 'user' });
      for (let index = 0; index < 3; index += 1) {
        assertRefused(await ask(store, [untouched, full]), 'recipient', { to: 600 });
      }
      const bytes = Buffer.from(await dump());
      // It keeps keys in another form.
      if (!bytes.includes(full.key)) return;
      assert.ok(!bytes.includes(untouched.key), 'the store holds a limit of refused calls');
    }),
  ]),

  storeCase(
    'reset: forgets the counts of its keys, gaps included, and nothing else',
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
    'reset: resolves without keys, and for keys that were never counted',
    async ({ store }) => {
      await store.reset([]);
      await store.reset([newLimit().key, newLimit().key]);
    },
  ),

  storeCase('ping: resolves while the store is up', async ({ store }) => {
    await store.ping();
  }),
];
