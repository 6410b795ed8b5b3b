import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoStoreError, isThrottled, isUnanswered } from './dynamo-error.js';

export interface AttemptOptions {
  readonly operation: string;
  /** For both tries together. */
  readonly timeoutMs: number;
  /** Doing it twice is doing it once. */
  readonly isRepeatable: boolean;
}

const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 60;

/**
 * Calls the service within a time limit, and once more after it was throttled or, where nothing could count twice,
 * after the connection was lost.
 */
export async function attempt<T>(
  { operation, timeoutMs, isRepeatable }: AttemptOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: NodeJS.Timeout | undefined;
  // Raced as well, because a signal does not end what the SDK does before the request goes out.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DynamoStoreError(
        'timeout',
        `DynamoDB ${operation} took longer than ${timeoutMs} ms`,
      );
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([callTwice(call, signal, isRepeatable), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function callTwice<T>(
  call: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  isRepeatable: boolean,
): Promise<T> {
  try {
    return await call(signal);
  } catch (error) {
    const mayRepeat = isThrottled(error) || (isRepeatable && isUnanswered(error));
    if (!mayRepeat || signal.aborted) throw error;
  }
  await sleep(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
  return call(signal);
}
