import { reportFault } from '../events/request-events.js';
import type { RequestContext } from './context.js';

/**
 * Runs work after the response if the host has set `waitUntil`, otherwise before it.
 *
 * @returns what the work returns, or undefined if it runs after the response
 */
export async function runAfterResponse<T>(
  { config: { waitUntil }, events }: RequestContext,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (waitUntil === undefined) return work();
  const running = nextTurn().then(work).catch(reportFault(events, 'delivery'));
  const report = reportFault(events, 'waitUntil');
  try {
    // The function of the host may return a promise, which may reject.
    void Promise.resolve(waitUntil(running)).catch(report);
  } catch (error) {
    report(error);
    // Nothing keeps the process alive for the work, so the response waits for it.
    await running;
  }
  return undefined;
}

/** Runs store work that the response does not wait for; `drain` does. A failure is a `fault` event. */
export function runUnawaited(
  { config: { unwaited }, events }: RequestContext,
  during: 'check' | 'delivery',
  work: () => Promise<unknown>,
): void {
  const running: Promise<unknown> = work()
    .catch(reportFault(events, during))
    .finally(() => unwaited.delete(running));
  unwaited.add(running);
}

/** The response leaves first: preparing a message would delay it, and the response of a decoy would come earlier. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
