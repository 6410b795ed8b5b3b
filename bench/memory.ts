import { createMemoryStore, createOtpService, generateKeys, handle } from '@otp/core';
import { collectGarbage } from './measure.js';
import { emailBody } from './service.js';

const COUNT = 100_000;
const BUDGET = 500;

/** What one verification holds in the memory store: the heap before and after, limits left out. */
export async function benchMemory(): Promise<void> {
  const service = createOtpService({
    appId: 'bench',
    issuer: 'https://bench.example',
    ...generateKeys(),
    store: createMemoryStore({ maxVerifications: 2 * COUNT }),
    channels: { email: { sender: { send: async () => undefined } } },
    dangerouslyDisableLimits: true,
  });
  const create = (index: number) =>
    handle(service, {
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
  const verdict = bytes <= BUDGET ? 'ok' : 'OVER';
  console.log(
    `\nmemory store, ${COUNT} verifications: ${bytes.toFixed(0)} bytes each  budget ${BUDGET}  ${verdict}`,
  );
}
