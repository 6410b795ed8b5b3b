import type { OtpConfig } from '../config.js';
import { describeError } from '../redact.js';

/**
 * Runs work after the response if the host has set `waitUntil`, otherwise before it.
 *
 * @returns what the work returns, or undefined if it runs after the response
 */
export async function runAfterResponse<T>(
  { waitUntil, emit }: Pick<OtpConfig, 'waitUntil' | 'emit'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (waitUntil === undefined) return work();
  const running = nextTurn()
    .then(work)
    .catch((error) => emit({ type: 'fault', during: 'delivery', error: describeError(error) }));
  try {
    waitUntil(running);
  } catch (error) {
    emit({ type: 'fault', during: 'waitUntil', error: describeError(error) });
    // Nothing keeps the process alive for the work, so the response waits for it.
    await running;
  }
  return undefined;
}

/** Runs store work that the response does not wait for; `drain` does. A failure is a `fault` event. */
export function runUnawaited(
  { unwaited, emit }: Pick<OtpConfig, 'unwaited' | 'emit'>,
  during: 'check' | 'delivery',
  work: () => Promise<unknown>,
): void {
  const running: Promise<unknown> = work()
    .catch((error) => emit({ type: 'fault', during, error: describeError(error) }))
    .finally(() => unwaited.delete(running));
  unwaited.add(running);
}

/** The response leaves first: preparing a message would delay it, and the response of a decoy would come earlier. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
