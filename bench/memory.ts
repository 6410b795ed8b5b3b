import { createMemoryStore } from '@otp/core';

const COUNT = 100_000;
const BUDGET = 500;

/** What one verification holds in the memory store: the heap before and after, limits left out. */
export async function benchMemory(): Promise<void> {
  const store = createMemoryStore({ maxVerifications: COUNT });
  const before = heapUsed();
  const gapsSeconds = [30, 60, 120, 240];
  for (let index = 0; index < COUNT; index += 1) {
    // As long as what core writes: a hash as base64url, and a sealed recipient of 20 characters.
    const id = `${index}`.padStart(43, 'i');
    const sealed = `${index}`.padStart(130, 's');
    await store.open(
      { id, sealed, binding: null, ttlSeconds: 600, maxTries: 5, maxSends: 5, gapsSeconds },
      [],
    );
  }
  const bytes = (heapUsed() - before) / COUNT;
  await store.ping();
  const verdict = bytes <= BUDGET ? 'ok' : 'OVER';
  console.log(
    `\nmemory store, ${COUNT} verifications: ${bytes.toFixed(0)} bytes each  budget ${BUDGET}  ${verdict}`,
  );
}

function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
