export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Settles as the work does, or rejects with a `TimeLimitError` after `ms` and aborts the signal. The
 * work itself may go on; what it answers then is dropped.
 */
export async function withTimeLimit<T>(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TimeLimitError(`${what} took longer than ${ms} ms`);
      reject(error);
      controller.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}
