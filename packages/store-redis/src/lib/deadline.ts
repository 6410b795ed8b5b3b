import { RedisStoreError } from './errors.js';

/** Settles as the work does, or rejects after `ms`. The work goes on, and what it answers then is dropped. */
export function withDeadline<T>(step: string, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new RedisStoreError('TIMEOUT', `Redis did not answer ${step} within ${ms} ms`));
    }, ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
