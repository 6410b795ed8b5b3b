import assert from 'node:assert/strict';
import type { CheckReservation, OtpStore } from '@otp/core/store';
import {
  countOk,
  createOp,
  newRecord,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
} from './store-world.js';

const GONE = { ok: false, why: 'gone' } as const;
const MISMATCH = { ok: false, why: 'mismatch' } as const;

/** The result without the remaining time. */
function answerOf(reservation: CheckReservation): unknown {
  if (!reservation.ok) return reservation;
  const { record, triesLeft } = reservation;
  return { triesLeft, sealed: record.sealed, channel: record.channel };
}

async function triesLeft(store: OtpStore, id: string, op = createOp()): Promise<number> {
  const answer = await store.reserveCheck(id, null, op);
  assert.ok(answer.ok, 'must be allowed');
  return answer.triesLeft;
}

export const checkCases: readonly StoreCase[] = [
  storeCase(
    'reserveCheck: counts one guess for each op and refuses after the last',
    async ({ store }) => {
      const { id } = await opened(store, { maxTries: 3 });
      assert.equal(await triesLeft(store, id), 2);
      assert.equal(await triesLeft(store, id), 1);
      assert.equal(await triesLeft(store, id), 0);
      assert.deepEqual(await store.reserveCheck(id, null, createOp()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a repeat gets the first result and counts no guess',
    async ({ store }) => {
      const { id } = await opened(store, { maxTries: 2 });
      const op = createOp();
      const first = answerOf(await store.reserveCheck(id, null, op));
      assert.deepEqual(answerOf(await store.reserveCheck(id, null, op)), first);
      assert.equal(await triesLeft(store, id), 0);
    },
  ),

  storeCase('reserveCheck: a repeat of the last guess gets its result again', async ({ store }) => {
    const { id } = await opened(store, { maxTries: 1 });
    const op = createOp();
    assert.equal(await triesLeft(store, id, op), 0);
    assert.deepEqual(await store.reserveCheck(id, null, createOp()), GONE);
    assert.equal(await triesLeft(store, id, op), 0);
  }),

  storeCase(
    'reserveCheck: a repeat is gone once the verification is claimed',
    async ({ store }) => {
      const { id } = await opened(store, { maxTries: 3 });
      const op = createOp();
      assert.equal(await triesLeft(store, id, op), 2);
      assert.equal(await store.claim(id, createOp()), true);
      assert.deepEqual(await store.reserveCheck(id, null, op), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a repeat gets the first result even after other ops',
    async ({ store }) => {
      const { id } = await opened(store, { maxTries: 3 });
      const first = createOp();
      assert.equal(await triesLeft(store, id, first), 2);
      assert.equal(await triesLeft(store, id), 1);
      assert.equal(await triesLeft(store, id, first), 2);
      assert.equal(await triesLeft(store, id), 0);
      assert.equal(await triesLeft(store, id, first), 2);
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
        const { id } = await opened(store, { binding: has, maxTries: 1 });
        for (let index = 0; index < 3; index += 1) {
          assert.deepEqual(await store.reserveCheck(id, asked, createOp()), MISMATCH);
        }
        const answer = await store.reserveCheck(id, has, createOp());
        assert.ok(answer.ok);
        assert.equal(answer.triesLeft, 0);
      },
    ),
  ),

  ...[null, 'another'].map((binding) =>
    storeCase(
      `reserveCheck: unknown, claimed, cancelled or out of guesses is gone, with binding ${JSON.stringify(binding)}`,
      async ({ store }) => {
        const claimed = await opened(store);
        assert.equal(await store.claim(claimed.id, createOp()), true);
        const cancelled = await opened(store);
        await store.cancel(cancelled.id, 1, []);
        const usedUp = await opened(store, { maxTries: 1 });
        await triesLeft(store, usedUp.id);
        for (const { id } of [newRecord(), claimed, cancelled, usedUp]) {
          assert.deepEqual(await store.reserveCheck(id, binding, createOp()), GONE);
        }
      },
    ),
  ),

  // The rule for what is gone comes before the rule for repeats.
  storeCase('reserveCheck: a claimed record is gone, for a repeat too', async ({ store }) => {
    const { id } = await opened(store);
    const op = createOp();
    await triesLeft(store, id, op);
    assert.equal(await store.claim(id, createOp()), true);
    assert.deepEqual(await store.reserveCheck(id, null, op), GONE);
  }),

  storeCase(
    'reserveCheck: an expired record is gone, with another binding too',
    async ({ store, wait }) => {
      const { id } = await opened(store, { ttlSeconds: SHORT_SECONDS });
      assert.equal(await triesLeft(store, id), 4);
      await wait(SHORT_SECONDS);
      assert.deepEqual(await store.reserveCheck(id, null, createOp()), GONE);
      assert.deepEqual(await store.reserveCheck(id, 'another', createOp()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: a record is live to the last millisecond and then gone',
    async ({ store, advance }) => {
      if (advance === undefined) return;
      const { id } = await opened(store, { ttlSeconds: 600 });
      await advance(599_999);
      const answer = await store.reserveCheck(id, null, createOp());
      assert.ok(answer.ok);
      assert.equal(answer.record.remainingMs, 1);
      await advance(1);
      assert.deepEqual(await store.reserveCheck(id, null, createOp()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: checks and sends do not extend the life of a record',
    async ({ store, wait }) => {
      const { id } = await opened(store, { ttlSeconds: 2 * SHORT_SECONDS, gapsSeconds: [0] });
      await wait(SHORT_SECONDS);
      assert.ok((await store.reserveSend(id, [], createOp())).ok);
      const answer = await store.reserveCheck(id, null, createOp());
      assert.ok(answer.ok);
      const { remainingMs } = answer.record;
      assert.ok(remainingMs > 0 && remainingMs <= SHORT_SECONDS * 1000, `is ${remainingMs}`);
      await wait(SHORT_SECONDS);
      assert.deepEqual(await store.reserveCheck(id, null, createOp()), GONE);
    },
  ),

  storeCase(
    'reserveCheck: 100 at once pass exactly as often as there are guesses',
    async ({ store, race }) => {
      const { id } = await opened(store, { maxTries: 5 });
      const answers = await race(100, (each) => each.reserveCheck(id, null, createOp()));
      const left = answers.flatMap((answer) => (answer.ok ? [answer.triesLeft] : []));
      assert.deepEqual(left.toSorted(), [0, 1, 2, 3, 4]);
      for (const answer of answers) if (!answer.ok) assert.deepEqual(answer, GONE);
    },
  ),

  storeCase('reserveCheck: 50 at once with one op are one guess', async ({ store, race }) => {
    const { id } = await opened(store, { maxTries: 5 });
    const op = createOp();
    const answers = await race(50, (each) => each.reserveCheck(id, null, op));
    assert.equal(countOk(answers), 50);
    assert.equal(await triesLeft(store, id), 3);
  }),

  storeCase('reserveCheck: verifications do not share guesses', async ({ store }) => {
    const [one, two] = [await opened(store), await opened(store)];
    assert.equal(await triesLeft(store, one.id), 4);
    assert.equal(await triesLeft(store, one.id), 3);
    assert.equal(await triesLeft(store, two.id), 4);
  }),
];
