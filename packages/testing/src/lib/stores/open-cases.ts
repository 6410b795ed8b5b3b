import assert from 'node:assert/strict';
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
  OPENED,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
  takeRemaining,
} from './store-world.js';

export const openCases: readonly StoreCase[] = [
  storeCase('open: writes the record that a check then finds', async ({ store }) => {
    const record = await opened(store, { ttlSeconds: 600, maxGuesses: 5 });
    const result = await store.reserveCheck(record.id, newGuess());
    assert.ok(result.ok);
    assert.equal(result.guessesLeft, 4);
    assert.equal(result.record.sealed, record.sealed);
    assert.equal(result.record.channel, undefined);
  }),

  storeCase('open: charges every limit once', async ({ store }) => {
    const limits = [newLimit(), newLimit({ name: 'client_address', max: 7 })] as const;
    assert.deepEqual(await store.open(newRecord(), limits, []), OPENED);
    assert.equal(await takeRemaining(store, limits[0]), 2);
    assert.equal(await takeRemaining(store, limits[1]), 6);
  }),

  storeCase('open: admits exactly max and then names the limit that refuses', async ({ store }) => {
    const limit = newLimit({ name: 'client_address', max: 3, windowSeconds: 100 });
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await store.open(newRecord(), [limit], []), OPENED);
    }
    const result = await store.open(newRecord(), [limit], []);
    assertRefused(result, 'client_address', { from: 90, to: 100 });
  }),

  ...[0, 1, 2].map((full) =>
    storeCase(
      `open: if limit ${full + 1} of 3 refuses, no record is written and no other limit charged`,
      async ({ store }) => {
        const limits = [
          newLimit({ name: 'challenge' }),
          newLimit({ name: 'recipient' }),
          newLimit({ name: 'client_address' }),
        ];
        const [refusing] = limits.splice(full, 1);
        assert.ok(refusing !== undefined);
        await takeRemaining(store, refusing);
        const record = newRecord();
        const result = await store.open(record, limits.toSpliced(full, 0, refusing), []);
        assertRefused(result, refusing.name, { to: 600 });
        assert.deepEqual(await store.reserveCheck(record.id, newGuess()), GONE);
        assert.deepEqual(await store.reserveSend(record.id, [], createOp()), GONE);
        assert.deepEqual(await complete(store, record.id), GONE);
        assert.equal(await store.read(record.id), undefined);
        for (const other of limits) assert.equal(await takeRemaining(store, other), other.max);
      },
    ),
  ),

  storeCase('open: names the first of several full limits', async ({ store }) => {
    const first = newLimit({ name: 'user', windowSeconds: 300 });
    const second = newLimit({ name: 'recipient', windowSeconds: 100 });
    await takeRemaining(store, first);
    await takeRemaining(store, second);
    const room = newLimit();
    assertRefused(await store.open(newRecord(), [room, first, second], []), 'user', { to: 300 });
    assertRefused(await store.open(newRecord(), [room, second, first], []), 'recipient', {
      to: 100,
    });
  }),

  storeCase(
    'open: the same id twice counts once, even if the limit is then full',
    async ({ store }) => {
      const record = newRecord();
      const limit = newLimit({ max: 1 });
      assert.deepEqual(await store.open(record, [limit], []), OPENED);
      assert.deepEqual(await store.open(record, [limit], []), OPENED);
      const wide = newLimit();
      assert.deepEqual(await store.open(record, [wide], []), OPENED);
      assert.equal(await takeRemaining(store, wide), wide.max);
    },
  ),

  storeCase('open: a repeat keeps the guesses that were counted', async ({ store }) => {
    const record = await opened(store, { maxGuesses: 2 });
    assert.equal(await guessed(store, record.id), 1);
    assert.deepEqual(await store.open(record, [], []), OPENED);
    assert.equal(await guessed(store, record.id), 0);
  }),

  storeCase('open: 50 at once with one id charge once', async ({ store, race }) => {
    const record = newRecord();
    const limit = newLimit({ max: 60 });
    const results = await race(50, (each) => each.open(record, [limit], []));
    assert.equal(countOk(results), 50);
    assert.equal(await takeRemaining(store, limit), 59);
  }),

  storeCase('open: a refused id can be opened once there is room', async ({ store }) => {
    const record = newRecord();
    const limit = newLimit({ max: 1 });
    await takeRemaining(store, limit);
    assertRefused(await store.open(record, [limit], []), 'recipient', { to: 600 });
    await store.reset([limit.key]);
    assert.deepEqual(await store.open(record, [limit], []), OPENED);
    assert.ok((await store.reserveCheck(record.id, newGuess())).ok);
  }),

  storeCase('open: exactly 5 of 100 at once pass a limit of 5', async ({ store, race }) => {
    const limit = newLimit({ max: 5 });
    const records = Array.from({ length: 100 }, () => newRecord());
    const results = await race(100, (each, index) =>
      each.open(records[index] ?? newRecord(), [limit], []),
    );
    assert.equal(countOk(results), 5);
    const found = await Promise.all(records.map(({ id }) => store.reserveCheck(id, newGuess())));
    assert.deepEqual(
      found.map(({ ok }) => ok),
      results.map(({ ok }) => ok),
    );
  }),

  storeCase(
    'open: 100 at once under three limits, in any order, exceed none and leave no charge behind',
    async ({ store, race }) => {
      const limits = [newLimit({ max: 40 }), newLimit({ max: 7 }), newLimit({ max: 30 })];
      const results = await race(100, (each, index) =>
        each.open(newRecord(), index % 2 === 0 ? limits : limits.toReversed(), []),
      );
      const admitted = countOk(results);
      assert.ok(admitted <= 7, `admitted ${admitted} of 7`);
      for (const limit of limits)
        assert.equal(await takeRemaining(store, limit), limit.max - admitted);
    },
  ),

  storeCase('open: passes without limits', async ({ store }) => {
    assert.deepEqual(await store.open(newRecord(), [], []), OPENED);
  }),

  storeCase(
    'open: writes a record with fewer guesses if a limit has counted as many events',
    async ({ store }) => {
      const failures = newLimit({ name: 'consecutive_failures', max: 9 });
      const fewerGuesses = { key: failures.key, from: 2, maxGuesses: 1 };
      for (const maxGuesses of [5, 5, 1, 1]) {
        const { id } = await opened(store, { fewerGuesses });
        assert.equal((await store.read(id))?.guessesLeft, maxGuesses);
        assert.equal(await guessed(store, id), maxGuesses - 1);
        await store.charge([failures], createOp());
      }
      await store.reset([failures.key]);
      const { id } = await opened(store, { fewerGuesses });
      assert.equal(await guessed(store, id), 4);
    },
  ),

  storeCase('open: a record with one guess is gone after it', async ({ store }) => {
    const failures = newLimit({ name: 'consecutive_failures' });
    await store.charge([failures], createOp());
    const fewerGuesses = { key: failures.key, from: 1, maxGuesses: 1 };
    const record = newRecord({ fewerGuesses });
    const limit = newLimit();
    assert.deepEqual(await store.open(record, [limit], []), OPENED);
    assert.deepEqual(await store.open(record, [limit], []), OPENED);
    assert.equal(await takeRemaining(store, limit), limit.max - 1);
    assert.equal(await guessed(store, record.id), 0);
    assert.deepEqual(await store.reserveCheck(record.id, newGuess()), GONE);
    assert.deepEqual(await complete(store, record.id), { ok: true });
  }),

  storeCase(
    'open: events of a window that has ended leave the guesses as they are',
    async ({ store, wait }) => {
      const failures = newLimit({ windowSeconds: SHORT_SECONDS });
      await store.charge([failures], createOp());
      await wait(SHORT_SECONDS);
      const fewerGuesses = { key: failures.key, from: 1, maxGuesses: 1 };
      const { id } = await opened(store, { fewerGuesses });
      assert.equal(await guessed(store, id), 4);
    },
  ),
];
