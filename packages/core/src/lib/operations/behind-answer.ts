import type { OtpConfig } from '../config.js';
import { describeError } from '../redact.js';

/**
 * Runs work behind the answer if the host has set `waitUntil`, otherwise before it.
 *
 * @returns what the work returns, or undefined if it runs behind the answer
 */
export async function runBehindAnswer<T>(
  { waitUntil, emit }: Pick<OtpConfig, 'waitUntil' | 'emit'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (waitUntil === undefined) return work();
  const running = afterAnswer()
    .then(work)
    .catch((error) => emit({ type: 'fault', during: 'delivery', error: describeError(error) }));
  try {
    waitUntil(running);
  } catch (error) {
    emit({ type: 'fault', during: 'waitUntil', error: describeError(error) });
    // Nothing keeps the process alive for the work, so the answer waits for it.
    await running;
  }
  return undefined;
}

/** The first steps of sending must not delay the answer, or it would come later than that of a decoy. */
function afterAnswer(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
