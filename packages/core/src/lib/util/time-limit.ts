/** The work of `withTimeLimit` took too long. It may still be going on. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Runs work for a limited time. Late work is not stopped: its result is dropped.
 *
 * @param subject what the error says took too long, for example `'the store'`
 * @param timeoutMs the time limit in milliseconds
 * @param work receives a signal that is aborted when the time is up
 * @returns what the work returns
 * @throws TimeLimitError when the time is up; otherwise what the work throws
 * @example
 * const verdict = await withTimeLimit('the guard', 1_000, () => guard(input));
 */
export async function withTimeLimit<T>(
  subject: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const expire = () => {
      const error = new TimeLimitError(`${subject} took longer than ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    };
    // In a process that was busy for as long, the timer comes before a reply that has arrived: one turn to read it.
    timer = setTimeout(() => {
      turn = setImmediate(expire);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(controller.signal), timeout]);
  } finally {
    clearTimeout(timer);
    clearImmediate(turn);
  }
}
