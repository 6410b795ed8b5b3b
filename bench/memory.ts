import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { collectGarbage, cpuPerCall, median } from './measure.js';
import { emailBody } from './service.js';
import { create, createAndCheck, growthOf } from './store-calls.js';

const COUNT = 100_000;
const WARM_UP = 20_000;
const CALLS = 5_000;

export async function benchMemory(): Promise<void> {
  await measureBytes();
  await compareGrowth();
}

/** The heap that a verification takes in the memory store, without limits. */
async function measureBytes(): Promise<void> {
  const service = createOtpService({
    appId: 'bench',
    issuer: 'https://bench.example',
    ...generateKeys(),
    store: createMemoryStore({ maxVerifications: 2 * COUNT }),
    channels: { email: { sender: { send: async () => undefined } } },
    dangerouslyDisableLimits: true,
  });
  const create = (index: number) =>
    service.handle({
      method: 'POST',
      path: '/',
      header: (name) => (name === 'content-type' ? ['application/json'] : []),
      body: emailBody(index),
    });
  await create(0);
  const before = collectGarbage().heapUsed;
  for (let index = 0; index < COUNT; index += 1) await create(index);
  const bytes = (collectGarbage().heapUsed - before) / COUNT;
  await service.ping();
  console.log(`\nmemory store, ${COUNT} verifications: ${bytes.toFixed(0)} bytes each`);
}

/** Each with its own limits, as in the other stores. */
async function compareGrowth(): Promise<void> {
  console.log('\nmemory store, CPU for each create and check');
  const store = createMemoryStore({ maxVerifications: 2_000_000, maxLimits: 10_000_000 });
  const call = () => createAndCheck(store);
  await cpuPerCall(WARM_UP, call);
  let live = 0;
  let first = Number.NaN;
  for (const count of [1_000, 10_000, 100_000, 1_000_000]) {
    for (; live < count; live += 1) await create(store);
    // Garbage of the filling must not count for the calls.
    collectGarbage();
    const rounds: number[] = [];
    for (let round = 0; round < 9; round += 1) rounds.push(await cpuPerCall(CALLS, call));
    const micros = median(rounds);
    if (Number.isNaN(first)) first = micros;
    console.log(
      `  ${String(count).padStart(9)} live ${micros.toFixed(1).padStart(8)} µs  ${growthOf(first, micros)}`,
    );
  }
  await store.close();
}
