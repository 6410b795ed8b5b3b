export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Node makes the signal of a controller when it is asked for; most work never asks. */
export type TimeLimit = Pick<AbortController, 'signal'>;

/**
 * Settles as the work does, or rejects with a `TimeLimitError` after `ms` and aborts the signal. The
 * work itself may go on; what it answers then is dropped.
 */
export function withTimeLimit<T>(
  what: string,
  ms: number,
  work: (limit: TimeLimit) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new TimeLimitError(`${what} took longer than ${ms} ms`);
      reject(error);
      controller.abort(error);
    }, ms);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(error);
    };
    try {
      Promise.resolve(work(controller)).then((value) => {
        clearTimeout(timer);
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
