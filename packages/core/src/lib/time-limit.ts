export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Made when somebody asks for it: most work never does, and a signal costs more than a timer. */
export interface LazySignal {
  readonly signal: AbortSignal;
}

class Deadline implements LazySignal {
  readonly #ms: number;
  #controller: AbortController | undefined;
  #error: TimeLimitError | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error !== undefined) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  pass(what: string): TimeLimitError {
    this.#error = new TimeLimitError(`${what} took longer than ${this.#ms} ms`);
    this.#controller?.abort(this.#error);
    return this.#error;
  }
}

/**
 * Settles as the work does, or rejects with a `TimeLimitError` after `ms` and aborts the signal. The
 * work itself may go on; what it answers then is dropped.
 */
export async function withTimeLimit<T>(
  what: string,
  ms: number,
  work: (limit: LazySignal) => T | Promise<T>,
): Promise<T> {
  const deadline = new Deadline(ms);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(deadline.pass(what)), ms);
  });
  try {
    return await Promise.race([work(deadline), limit]);
  } finally {
    clearTimeout(timer);
  }
}
