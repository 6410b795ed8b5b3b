import assert from 'node:assert/strict';
import type { CheckReservation, Refused } from '@otp/core/store';
import {
  assertRefused,
  complete,
  countOk,
  createOp,
  GONE,
  guessed,
  newGuess,
  newLimit,
  newRecord,
  newToken,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

const MISMATCH = { ok: false, why: 'mismatch' } as const;

/** The result without the remaining time. */
function answerOf(reservation: CheckReservation | Refused): unknown {
  if (!reservation.ok) return reservation;
  const { record, guessesLeft } = reservation;
  return { guessesLeft, sealed: record.sealed, channel: record.channel };
}

export const checkCases: readonly StoreCase[] = [
  storeCase(
    'reserveCheck: counts one guess for each op and refuses after the last',
    async ({ store }) => {
      const { id } = await opened(store, { maxGuesses: 3 });
      assert.equal(await guessed(store, id), 2);
      assert.equal(await guessed(store, id), 1);
      assert.equal(await guessed(store, id), 0);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a repeat gets the first result and counts no guess',
    async ({ store }) => {
      const { id } = await opened(store, { maxGuesses: 2 });
      const op = createOp();
      const first = answerOf(await store.reserveCheck(id, newGuess({ op })));
      assert.deepEqual(answerOf(await store.reserveCheck(id, newGuess({ op }))), first);
      assert.equal(await guessed(store, id), 0);
    },
  ),

  storeCase('reserveCheck: a repeat of the last guess gets its result again', async ({ store }) => {
    const { id } = await opened(store, { maxGuesses: 1 });
    const op = createOp();
    assert.equal(await guessed(store, id, op), 0);
    assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    assert.equal(await guessed(store, id, op), 0);
  }),

  // The rule for what is gone comes before the rule for repeats.
  storeCase(
    'reserveCheck: a repeat is gone once the verification is claimed',
    async ({ store }) => {
      const { id } = await opened(store, { maxGuesses: 3 });
      const op = createOp();
      assert.equal(await guessed(store, id, op), 2);
      assert.deepEqual(await complete(store, id), { ok: true });
      assert.deepEqual(await store.reserveCheck(id, newGuess({ op })), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a repeat gets the first result even after other ops',
    async ({ store }) => {
      const { id } = await opened(store, { maxGuesses: 3 });
      const first = createOp();
      assert.equal(await guessed(store, id, first), 2);
      assert.equal(await guessed(store, id), 1);
      assert.equal(await guessed(store, id, first), 2);
      assert.equal(await guessed(store, id), 0);
      assert.equal(await guessed(store, id, first), 2);
    },
  ),

  ...[
    { has: null, asked: 'challenge-1' },
    { has: null, asked: '' },
    { has: 'challenge-1', asked: null },
    { has: 'challenge-1', asked: 'challenge-2' },
    { has: 'challenge-1', asked: '' },
  ].map(({ has, asked }) =>
    storeCase(
      `reserveCheck: binding ${JSON.stringify(asked)} for a record with ${JSON.stringify(has)} is a mismatch and counts no guess`,
      async ({ store }) => {
        const { id } = await opened(store, { binding: has, maxGuesses: 1 });
        for (let index = 0; index < 3; index += 1) {
          assert.deepEqual(await store.reserveCheck(id, newGuess({ binding: asked })), MISMATCH);
        }
        const result = await store.reserveCheck(id, newGuess({ binding: has }));
        assert.ok(result.ok);
        assert.equal(result.guessesLeft, 0);
      },
    ),
  ),

  ...[null, 'another'].map((binding) =>
    storeCase(
      `reserveCheck: unknown, claimed, cancelled or out of guesses is gone, with binding ${JSON.stringify(binding)}`,
      async ({ store }) => {
        const claimed = await opened(store);
        assert.deepEqual(await complete(store, claimed.id), { ok: true });
        const cancelled = await opened(store);
        await store.cancel(cancelled.id, 1, []);
        const usedUp = await opened(store, { maxGuesses: 1 });
        await guessed(store, usedUp.id);
        for (const { id } of [newRecord(), claimed, cancelled, usedUp]) {
          assert.deepEqual(await store.reserveCheck(id, newGuess({ binding })), GONE);
        }
      },
    ),
  ),

  storeCase(
    'reserveCheck: an expired record is gone, with another binding too',
    async ({ store, wait }) => {
      const { id } = await opened(store, { ttlSeconds: SHORT_SECONDS });
      assert.equal(await guessed(store, id), 4);
      await wait(SHORT_SECONDS);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
      assert.deepEqual(await store.reserveCheck(id, newGuess({ binding: 'another' })), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a record is live to the last millisecond and then gone',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const { id } = await opened(store, { ttlSeconds: 600 });
      await advance(599_999);
      assert.equal(await guessed(store, id), 4);
      await advance(1);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: checks and sends do not extend the life of a record',
    async ({ store, wait }) => {
      const { id } = await opened(store, { ttlSeconds: 2 * SHORT_SECONDS, gapsSeconds: [0] });
      await wait(SHORT_SECONDS);
      assert.ok((await store.reserveSend(id, [], createOp())).ok);
      assert.equal(await guessed(store, id), 4);
      await wait(SHORT_SECONDS);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: 100 at once pass exactly as often as there are guesses',
    async ({ store, race }) => {
      const { id } = await opened(store, { maxGuesses: 5 });
      const results = await race(100, (each) => each.reserveCheck(id, newGuess()));
      const left = results.flatMap((result) => (result.ok ? [result.guessesLeft] : []));
      assert.deepEqual(left.toSorted(), [0, 1, 2, 3, 4]);
      for (const result of results) if (!result.ok) assert.deepEqual(result, GONE);
    },
  ),

  storeCase('reserveCheck: 50 at once with one op are one guess', async ({ store, race }) => {
    const { id } = await opened(store, { maxGuesses: 5 });
    const op = createOp();
    const results = await race(50, (each) => each.reserveCheck(id, newGuess({ op })));
    assert.equal(countOk(results), 50);
    assert.equal(await guessed(store, id), 3);
  }),

  storeCase('reserveCheck: verifications do not share guesses', async ({ store }) => {
    const [one, two] = [await opened(store), await opened(store)];
    assert.equal(await guessed(store, one.id), 4);
    assert.equal(await guessed(store, one.id), 3);
    assert.equal(await guessed(store, two.id), 4);
  }),

  storeCase('reserveCheck: charges its limits, a repeat no more', async ({ store }) => {
    const { id } = await opened(store);
    const limits = [newLimit({ name: 'challenge' }), newLimit({ name: 'user' })];
    const guess = newGuess({ limits });
    const first = answerOf(await store.reserveCheck(id, guess));
    assert.deepEqual(answerOf(await store.reserveCheck(id, guess)), first);
    for (const limit of limits) assert.equal(await takeRemaining(store, limit), limit.max - 1);
    assert.equal(await guessed(store, id), 3);
  }),

  storeCase(
    'reserveCheck: if a limit refuses, the guess stays counted and no limit is charged',
    async ({ store }) => {
      const { id } = await opened(store, { maxGuesses: 3 });
      const room = newLimit({ name: 'challenge' });
      const full = newLimit({ name: 'user', windowSeconds: 100 });
      await takeRemaining(store, full);
      const guess = newGuess({ limits: [room, full] });
      for (let index = 0; index < 2; index += 1) {
        assertRefused(await store.reserveCheck(id, guess), 'user', { from: 90, to: 100 });
      }
      const other = newGuess({ limits: [full, room] });
      assertRefused(await store.reserveCheck(id, other), 'user', { from: 90, to: 100 });
      assert.equal(await takeRemaining(store, room), room.max);
      assert.equal(await guessed(store, id), 0);
      assert.deepEqual(await store.reserveCheck(id, newGuess({ limits: [full] })), GONE);
    },
  ),

  storeCase('reserveCheck: names the first of several full limits', async ({ store }) => {
    const { id } = await opened(store);
    const [first, second] = [newLimit({ name: 'challenge' }), newLimit({ name: 'user' })];
    for (const limit of [first, second]) await takeRemaining(store, limit);
    for (const limits of [
      [first, second],
      [second, first],
    ]) {
      const result = await store.reserveCheck(id, newGuess({ limits }));
      assertRefused(result, limits[0]?.name ?? 'app', { to: 600 });
    }
  }),

  storeCase('reserveCheck: what is gone or a mismatch charges no limit', async ({ store }) => {
    const limit = newLimit();
    const ask = (id: string, binding: string | null = null) =>
      store.reserveCheck(id, newGuess({ binding, limits: [limit] }));
    const usedUp = await opened(store, { maxGuesses: 1 });
    await guessed(store, usedUp.id);
    const claimed = await opened(store);
    await complete(store, claimed.id);
    for (const { id } of [newRecord(), usedUp, claimed]) assert.deepEqual(await ask(id), GONE);
    const { id } = await opened(store);
    assert.deepEqual(await ask(id, 'another'), MISMATCH);
    assert.equal(await takeRemaining(store, limit), limit.max);
  }),

  storeCase(
    'reserveCheck: of 100 at once, as many pass as guesses and a limit allow',
    async ({ store, race }) => {
      const { id } = await opened(store, { maxGuesses: 5 });
      const limit = newLimit({ name: 'user', max: 3 });
      const results = await race(100, (each) =>
        each.reserveCheck(id, newGuess({ limits: [limit] })),
      );
      assert.equal(countOk(results), 3);
      const refused = results.filter((result) => 'limit' in result);
      assert.equal(refused.length, 2);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: of 100 at once with guesses of their own, none exceeds a limit, and no charge is left behind',
    async ({ store, race }) => {
      const limits = [newLimit({ max: 9 }), newLimit({ max: 50, name: 'user' })];
      const ids = await Promise.all(
        Array.from({ length: 100 }, async () => (await opened(store)).id),
      );
      const results = await race(100, (each, index) =>
        each.reserveCheck(
          ids[index] ?? '',
          newGuess({ limits: index % 2 === 0 ? limits : limits.toReversed() }),
        ),
      );
      const admitted = countOk(results);
      assert.ok(admitted <= 9, `admitted ${admitted} of 9`);
      for (const limit of limits)
        assert.equal(await takeRemaining(store, limit), limit.max - admitted);
    },
  ),

  storeCase('reserveCheck: does not use up a token', async ({ store }) => {
    const { id } = await opened(store);
    const token = newToken();
    for (let index = 0; index < 3; index += 1) {
      assert.ok((await store.reserveCheck(id, newGuess({ token }))).ok);
    }
    assert.equal(await takeRemaining(store, token), 1);
  }),

  storeCase(
    'reserveCheck: a token that another verification has used up refuses; the guess stays counted',
    async ({ store }) => {
      const token = newToken();
      const winner = await opened(store);
      assert.deepEqual(await complete(store, winner.id, { token }), { ok: true });
      const { id } = await opened(store, { maxGuesses: 2 });
      const limit = newLimit();
      const result = await store.reserveCheck(id, newGuess({ token, limits: [limit] }));
      assertRefused(result, 'token_used', { to: 600 });
      assert.equal(await takeRemaining(store, limit), limit.max);
      assert.equal(await guessed(store, id), 0);
      assert.deepEqual(await store.reserveCheck(id, newGuess({ token })), GONE);
    },
  ),

  storeCase('reserveCheck: a used token is named before a full limit', async ({ store }) => {
    const [token, full] = [newToken(), newLimit({ name: 'user' })];
    await complete(store, (await opened(store)).id, { token });
    await takeRemaining(store, full);
    const { id } = await opened(store);
    const result = await store.reserveCheck(id, newGuess({ token, limits: [full] }));
    assertRefused(result, 'token_used', { to: 600 });
  }),

  storeCase(
    'reserveCheck: gone and mismatch come before a used token, which then counts no guess',
    async ({ store }) => {
      const token = newToken();
      const winner = await opened(store);
      await complete(store, winner.id, { token });
      assert.deepEqual(await store.reserveCheck(winner.id, newGuess({ token })), GONE);
      const { id } = await opened(store, { maxGuesses: 1 });
      const guess = newGuess({ binding: 'another', token });
      assert.deepEqual(await store.reserveCheck(id, guess), MISMATCH);
      assert.equal(await guessed(store, id), 0);
    },
  ),

  // What a crash leaves behind between the mark of the token and the claim, where they lie on several nodes.
  storeCase('reserveCheck: a token that this verification has marked passes', async ({ store }) => {
    const token = newToken();
    const { id } = await opened(store);
    assert.deepEqual(await store.charge([token], id), { ok: true });
    assert.ok((await store.reserveCheck(id, newGuess({ token }))).ok);
    const other = await opened(store);
    const result = await store.reserveCheck(other.id, newGuess({ token }));
    assertRefused(result, 'token_used', { to: 600 });
  }),

  storeCase(
    'reserveCheck: a mark whose window has ended refuses nobody',
    async ({ store, wait }) => {
      const token = newLimit({ name: 'token_used', max: 1, windowSeconds: SHORT_SECONDS });
      await store.charge([token], createOp());
      await wait(SHORT_SECONDS);
      const { id } = await opened(store);
      assert.ok((await store.reserveCheck(id, newGuess({ token }))).ok);
    },
  ),
];
