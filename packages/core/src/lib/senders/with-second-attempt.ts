import type { OtpMessage } from '../ports.js';

/** Describes the first attempt of a send. */
export interface FirstAttempt {
  /** Whether the error of the first attempt can mean that its connection was dead. */
  isLost(error: unknown): boolean;
  /** Whether the connection has proved to be alive, so that the attempt gets all the time. @default never */
  isAlive?(): boolean;
}

const DEFAULT_TIMEOUT_MS = 6_000;

/**
 * Sends a message over a client that keeps connections open. One may have died while it was idle, and an attempt on it
 * gets no answer. So the first attempt has a third of the time, and a second one the rest: at worst the message goes out
 * twice, with the same code. For the `send` of a sender.
 *
 * @param message the message that `send` received
 * @param attempt sends the message until the signal is aborted; the second time over a new connection
 * @param first how to find out whether the first attempt used a dead connection
 * @throws the rejection of the last attempt
 */
export async function withSecondAttempt(
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: Pick<OtpMessage, 'signal' | 'timeoutMs'>,
  attempt: (signal: AbortSignal, isSecond: boolean) => Promise<unknown>,
  { isLost, isAlive = () => false }: FirstAttempt,
): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const expire = () => {
      if (isAlive()) return;
      const error = new Error('The first attempt got no answer.');
      reject(error);
      controller.abort(error);
    };
    // In a process that was busy, the timer may fire before a response that has arrived is read: wait for one turn.
    timer = setTimeout(() => setImmediate(expire), timeoutMs / 3);
  });
  // Nothing waits for it once the attempt has settled.
  timeout.catch(() => {});
  try {
    const either = AbortSignal.any([signal, controller.signal]);
    await Promise.race([attempt(either, false), timeout]);
    return;
  } catch (error) {
    if (signal.aborted || !isLost(error)) throw error;
  } finally {
    clearTimeout(timer);
  }
  await attempt(signal, true);
}
