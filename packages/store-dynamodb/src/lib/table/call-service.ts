import { setTimeout as sleep } from 'node:timers/promises';
import { withTimeLimit } from '@otp/core/store';
import { isCut, isThrottled, isUnanswered } from './dynamo-error.js';

export interface CallOptions {
  readonly operation: string;
  /** Time limit of the call and its repeats together, in milliseconds. */
  readonly timeoutMs: number;
  /** True when running the operation twice has the same effect as running it once. */
  readonly isRepeatable: boolean;
}

const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 60;
/** As many idle connections as the SDK keeps by default; each of them may have died. */
const MAX_CUTS = 50;

/**
 * Calls the service within the time limit. Repeats the call once after throttling. A repeatable call whose answer was
 * lost is repeated once too, and at once as often as the connection was cut: the next idle one may be dead as well.
 */
export function callService<T>(
  { operation, timeoutMs, isRepeatable }: CallOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeLimit(`DynamoDB ${operation}`, timeoutMs, async (signal) => {
    for (let [cuts, pauses] = [0, 0]; ; ) {
      try {
        return await call(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        if (isRepeatable && isCut(error) && cuts < MAX_CUTS) {
          cuts += 1;
          continue;
        }
        const mayRepeat = isThrottled(error) || (isRepeatable && isUnanswered(error));
        if (!mayRepeat || pauses > 0) throw error;
        pauses += 1;
      }
      await sleep(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
    }
  });
}
