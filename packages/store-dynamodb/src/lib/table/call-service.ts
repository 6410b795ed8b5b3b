import { setTimeout as sleep } from 'node:timers/promises';
import { withTimeLimit } from '@otp/core/store';
import { isThrottled, isUnanswered } from './dynamo-error.js';

export interface CallOptions {
  readonly operation: string;
  /** Time limit of the call and its repeat together, in milliseconds. */
  readonly timeoutMs: number;
  /** True when running the operation twice has the same effect as running it once. */
  readonly isRepeatable: boolean;
}

const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 60;

/**
 * Calls the service within the time limit. Repeats the call once after throttling and, if it is repeatable, after its
 * answer was lost.
 */
export function callService<T>(
  { operation, timeoutMs, isRepeatable }: CallOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeLimit(`DynamoDB ${operation}`, timeoutMs, async (signal) => {
    try {
      return await call(signal);
    } catch (error) {
      const mayRepeat = isThrottled(error) || (isRepeatable && isUnanswered(error));
      if (!mayRepeat || signal.aborted) throw error;
    }
    await sleep(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
    return call(signal);
  });
}
