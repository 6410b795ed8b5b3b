import { byDepth } from '@otp/test/depth';
import { createTestClock, type StoreHarness, storeServiceCases } from '@otp/testing';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';

const CASES = storeServiceCases.map((each) => [each.name, each] as const);
const TIME_LIMIT_MS = 120_000;

/** A store whose clock only a case moves, shared by the services of two processes. */
function createHarness(): StoreHarness {
  const clock = createTestClock();
  const store = createMemoryStore({ now: clock.now });
  return {
    createStore: async () => store,
    now: clock.now,
    advance: async (ms) => clock.advance(ms / 1000),
    ...byDepth({
      quick: { rounds: 2, atOnce: 200, guesses: 1_000 },
      full: { rounds: 200, atOnce: 1_000, guesses: 10_000 },
    }),
  };
}

test.each(CASES)('memory store: %s', (_, { run }) => run(createHarness()), TIME_LIMIT_MS);

test('memory store: every case of the service has a name of its own', () => {
  expect(new Set(storeServiceCases.map(({ name }) => name)).size).toBe(storeServiceCases.length);
});
