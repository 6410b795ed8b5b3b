import assert from 'node:assert/strict';
import type { OtpStore } from '@otp/core/store';
import {
  assertRefused,
  complete,
  countOk,
  createOp,
  GONE,
  guessed,
  newCompletion,
  newGuess,
  newLimit,
  newRecord,
  newToken,
  opened,
  type StoreCase,
  type StoreWorld,
  storeCase,
  TOKEN_USED,
  takeRemaining,
} from './store-world.js';

const DONE = { ok: true } as const;

export const completeCases: readonly StoreCase[] = [
  storeCase('complete: is ok for exactly one op, and for its repeats', async ({ store }) => {
    const { id } = await opened(store);
    const op = createOp();
    assert.deepEqual(await complete(store, id, { op }), DONE);
    assert.deepEqual(await complete(store, id), GONE);
    assert.deepEqual(await complete(store, id, { op }), DONE);
    assert.deepEqual(await complete(store, id), GONE);
  }),

  storeCase(
    'complete: 100 at once are ok for exactly one op, and for its repeats',
    async ({ store, race }) => {
      const { id } = await opened(store);
      const ops = Array.from({ length: 100 }, createOp);
      const results = await race(100, (each, index) =>
        complete(each, id, { op: ops[index] ?? '' }),
      );
      const winners = ops.filter((_, index) => results[index]?.ok);
      assert.equal(winners.length, 1);
      for (const result of results) if (!result.ok) assert.deepEqual(result, GONE);
      assert.deepEqual(await complete(store, id, { op: winners[0] ?? '' }), DONE);
    },
  ),

  storeCase('complete: 50 at once with one op are all ok', async ({ store, race }) => {
    const { id } = await opened(store);
    const op = createOp();
    const results = await race(50, (each) => complete(each, id, { op }));
    assert.equal(countOk(results), 50);
    assert.deepEqual(await complete(store, id), GONE);
  }),

  storeCase('complete: is possible after the last guess', async ({ store }) => {
    const { id } = await opened(store, { maxGuesses: 1 });
    assert.equal(await guessed(store, id), 0);
    assert.deepEqual(await complete(store, id), DONE);
  }),

  storeCase(
    'complete: an unknown id is gone, and a record that is opened later can be completed',
    async ({ store }) => {
      const record = newRecord();
      const token = newToken();
      assert.deepEqual(await complete(store, record.id), GONE);
      await opened(store, record);
      assert.deepEqual(await complete(store, record.id, { token }), DONE);
    },
  ),

  storeCase('complete: a cancelled record is gone', async ({ store }) => {
    const { id } = await opened(store);
    await store.cancel(id, 1, []);
    assert.deepEqual(await complete(store, id), GONE);
  }),

  storeCase('complete: an expired record is gone', async ({ store, wait }) => {
    const { id } = await opened(store, { ttlSeconds: 1 });
    await wait(1);
    assert.deepEqual(await complete(store, id), GONE);
  }),

  storeCase(
    'complete: is possible to the last millisecond of the life of a record',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const [early, late] = [await opened(store), await opened(store)];
      await advance(599_999);
      assert.deepEqual(await complete(store, early.id), DONE);
      await advance(1);
      assert.deepEqual(await complete(store, late.id), GONE);
    },
  ),

  storeCase('complete: opening the same id again does not undo it', async ({ store }) => {
    const record = await opened(store);
    assert.deepEqual(await complete(store, record.id), DONE);
    await opened(store, record);
    assert.deepEqual(await store.reserveCheck(record.id, newGuess()), GONE);
    assert.deepEqual(await complete(store, record.id), GONE);
  }),

  storeCase('complete: uses up the token', async ({ store }) => {
    const { id } = await opened(store);
    const token = newToken();
    assert.deepEqual(await complete(store, id, { token }), DONE);
    assertRefused(await store.charge([token], createOp()), 'token_used', { to: 600 });
    const asked = await store.open(newRecord(), [{ ...token, cost: 0 }], []);
    assertRefused(asked, 'token_used', { to: 600 });
  }),

  storeCase(
    'complete: a token that another verification has used up leaves the record live',
    async ({ store }) => {
      const token = newToken();
      const [winner, loser] = [await opened(store), await opened(store)];
      assert.deepEqual(await complete(store, winner.id, { token }), DONE);
      for (let index = 0; index < 2; index += 1) {
        assert.deepEqual(await complete(store, loser.id, { token }), TOKEN_USED);
      }
      assert.equal(await guessed(store, loser.id), 4);
      // The verification that has used up the token is over itself.
      assert.deepEqual(await complete(store, winner.id, { token }), GONE);
      assert.deepEqual(await complete(store, loser.id, { token }), TOKEN_USED);
    },
  ),

  storeCase('complete: gone comes before a used token', async ({ store, wait }) => {
    const token = newToken();
    const [winner, claimed] = [await opened(store), await opened(store)];
    const expired = await opened(store, { ttlSeconds: 1 });
    await complete(store, winner.id, { token });
    await complete(store, claimed.id);
    await wait(1);
    for (const { id } of [newRecord(), claimed, expired]) {
      assert.deepEqual(await complete(store, id, { token }), GONE);
    }
  }),

  storeCase(
    'complete: a token that was used up by `charge` admits no verification',
    async ({ store }) => {
      const token = newToken();
      const { id } = await opened(store);
      assert.deepEqual(await store.charge([token], createOp()), { ok: true });
      assert.deepEqual(await complete(store, id, { token }), TOKEN_USED);
    },
  ),

  // What a crash leaves behind between the mark of the token and the claim, where they lie on several nodes.
  storeCase(
    'complete: once a verification has marked the token, it alone can finish',
    async ({ store, race }) => {
      const token = newToken();
      const [marking, other] = [await opened(store), await opened(store)];
      assert.deepEqual(await store.charge([token], marking.id), { ok: true });
      const losers = await race(20, (each) => complete(each, other.id, { token }));
      for (const result of losers) assert.deepEqual(result, TOKEN_USED);
      const results = await race(20, (each) => complete(each, marking.id, { token }));
      assert.equal(countOk(results), 1);
      assert.deepEqual(await complete(store, other.id, { token }), TOKEN_USED);
    },
  ),

  storeCase(
    'complete: of two verifications of one token, 50 at once of each are ok once',
    async (world) => {
      for (let round = 0; round < 5; round += 1) await raceForToken(world);
    },
  ),

  storeCase(
    'complete: of 50 verifications of one token at once, one is ok, and repeats of its op',
    async ({ store, race }) => {
      const token = newToken();
      const ids = await Promise.all(
        Array.from({ length: 50 }, async () => (await opened(store)).id),
      );
      const ops = ids.map(createOp);
      const ask = (each: OtpStore, index: number) =>
        complete(each, ids[index] ?? '', { op: ops[index] ?? '', token });
      const results = await race(50, ask);
      assert.equal(countOk(results), 1);
      for (const [index, result] of results.entries()) {
        assert.deepEqual(await ask(store, index), result);
        if (!result.ok) assert.deepEqual(result, TOKEN_USED);
      }
    },
  ),

  storeCase('complete: forgets the counters in `reset`', async ({ store }) => {
    const { id } = await opened(store);
    const [failures, kept] = [newLimit(), newLimit()];
    for (const limit of [failures, kept]) await takeRemaining(store, limit);
    assert.deepEqual(await complete(store, id, { reset: [failures, newLimit()] }), DONE);
    assert.equal(await takeRemaining(store, failures), failures.max);
    assert.equal(await takeRemaining(store, kept), 0);
  }),

  storeCase('complete: forgets one share and keeps the others of its key', async ({ store }) => {
    const all = newLimit();
    for (const share of [undefined, 'mine', 'other']) {
      await takeRemaining(store, share === undefined ? all : { ...all, share });
    }
    const { id } = await opened(store);
    await complete(store, id, { reset: [{ key: all.key, share: 'mine' }] });
    assert.equal(await takeRemaining(store, { ...all, share: 'mine' }), all.max);
    assert.equal(await takeRemaining(store, { ...all, share: 'other' }), 0);
    assert.equal(await takeRemaining(store, all), 0);
    const second = await opened(store);
    await complete(store, second.id, { reset: [{ key: all.key }] });
    assert.equal(await takeRemaining(store, all), all.max);
    assert.equal(await takeRemaining(store, { ...all, share: 'other' }), 0);
  }),

  storeCase('complete: changes no count if it is not ok', async ({ store }) => {
    const token = newToken();
    const used = { token: newToken() };
    await store.charge([used.token], createOp());
    const claimed = await opened(store);
    await complete(store, claimed.id);
    const { id } = await opened(store);
    const [guess, create, failures] = [newLimit(), newLimit(), newLimit()];
    for (const limit of [guess, create, failures]) await takeRemaining(store, limit);
    const changes = { token, guess: [guess], create: [create], reset: [failures] };
    for (const gone of [claimed, newRecord()]) {
      assert.deepEqual(await complete(store, gone.id, { ...changes, ...used }), GONE);
    }
    assert.deepEqual(await complete(store, id, { ...changes, ...used }), TOKEN_USED);
    for (const limit of [guess, create, failures])
      assert.equal(await takeRemaining(store, limit), 0);
    assert.equal(await takeRemaining(store, token), 1);
  }),

  storeCase('complete: whatever is left to write, `settled` resolves', async ({ store }) => {
    const { id } = await opened(store);
    const [guess, failures] = [newLimit(), newLimit()];
    for (const limit of [guess, failures]) await takeRemaining(store, limit);
    const completion = newCompletion({ guess: [guess], reset: [failures] });
    const completed = await store.complete(id, completion);
    assert.ok(completed.ok);
    assert.equal(await completed.settled, undefined);
    assert.equal(await takeRemaining(store, guess), 1);
    assert.equal(await takeRemaining(store, failures), failures.max);
  }),
];

/** Two verifications of one token, each completed by many at once. */
async function raceForToken({ store, race }: StoreWorld): Promise<void> {
  const token = newToken();
  const ids = [(await opened(store)).id, (await opened(store)).id] as const;
  const idOf = (index: number) => (Math.floor(index / 2) % 2 === 0 ? ids[0] : ids[1]);
  const results = await race(100, (each, index) => complete(each, idOf(index), { token }));
  assert.equal(countOk(results), 1);
  const winner = idOf(results.findIndex(({ ok }) => ok));
  for (const [index, result] of results.entries()) {
    if (!result.ok) assert.deepEqual(result, idOf(index) === winner ? GONE : TOKEN_USED);
  }
}
