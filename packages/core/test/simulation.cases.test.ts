import { byDepth } from '@otp/test/depth';
import { createTestClock, storeSimulationCases } from '@otp/testing';
import { describe, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';

const TIME_LIMIT_MS = 120_000;

const CREATES = byDepth({ quick: 1_000, full: 10_000 });

describe('thousands of creates in an hour, with the memory store', () => {
  test.each(storeSimulationCases)(
    '$name',
    async ({ run }) => {
      const clock = createTestClock();
      const store = createMemoryStore({ now: clock.now });
      await run({
        createStore: async () => store,
        now: clock.now,
        advance: async (ms) => clock.advance(ms / 1000),
        creates: CREATES,
      });
    },
    TIME_LIMIT_MS,
  );
});
