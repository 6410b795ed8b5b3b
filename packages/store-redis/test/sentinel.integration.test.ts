import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisSentinel, waitUntil } from '@otp/test/servers';
import { newGuess, newRecord } from '@otp/test/store-samples';
import { type StoreHarness, storeCases } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { serve } from './serve.js';
import { storm, stormLimits } from './storm.js';

const TIME_LIMIT_MS = 120_000;

describe('a store on Redis behind Sentinel', () => {
  const { server, clientAt, storeAt } = serve(startRedisSentinel);
  const harness: StoreHarness = {
    createStore: () => storeAt(0),
    createPeer: () => storeAt(1),
    atOnce: 100,
  };

  it.concurrent.each(storeCases)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);

  it(
    'keeps every promise while a killed master is replaced, and uses the new one [S02]',
    async () => {
      const store = createRedisStore({ client: clientAt(0), timeoutMs: 500 });
      const before = await server().master();
      const kept = newRecord();
      await store.open(kept, [], []);
      const report = await storm(store, async () => {
        await sleep(500);
        await before.kill();
        await waitUntil('the fail-over', async () => (await server().master()) !== before);
        await sleep(500);
      });
      expect(report.mostSuccesses).toBeLessThanOrEqual(1);
      expect(report.mostGuesses).toBeLessThanOrEqual(stormLimits.maxGuesses);
      expect(report.sharedAdmitted).toBeLessThanOrEqual(stormLimits.sharedMax);
      expect(report.answered).toBeGreaterThan(100);
      expect(report.rejected).toBeGreaterThan(0);

      const isServed = () =>
        store.reserveCheck(kept.id, newGuess({ op: 'after the fail-over' })).then(
          ({ ok }) => ok,
          () => false,
        );
      await waitUntil('the new master', isServed);
      await before.restart();
      await server().settle();
      const { mostSuccesses, rejected } = await storm(store, () => sleep(300));
      expect({ mostSuccesses, rejected }).toEqual({ mostSuccesses: 1, rejected: 0 });
    },
    TIME_LIMIT_MS,
  );
});
