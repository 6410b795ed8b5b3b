import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 30_000;
const PAUSE_MS = 50;

/** Asks again and again until the answer is yes; rejects with what it has been waiting for. */
export async function waitUntil(
  what: string,
  isSo: () => Promise<boolean>,
  limitMs = READY_MS,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} took longer than ${limitMs} ms`);
    await sleep(PAUSE_MS);
  }
}
