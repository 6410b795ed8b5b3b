import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TimeLimitError, withTimeLimit } from './time-limit.js';

const LIMIT_MS = 30;
const never = () => new Promise<never>(() => {});

describe('withTimeLimit', () => {
  it.each([
    ['a value', () => 'done'],
    ['a promise', async () => 'done'],
    ['a promise that takes a while', () => sleep(5, 'done')],
  ])('returns %s of the work', async (_, work) => {
    expect(await withTimeLimit('it', 1_000, work)).toBe('done');
  });

  it('returns what has arrived while the process was busy for longer', async () => {
    let signal: AbortSignal | undefined;
    // Behind this turn come timers, and behind those what has arrived.
    await new Promise((resolve) => setImmediate(resolve));
    const work = withTimeLimit('it', LIMIT_MS, (given) => {
      signal = given;
      return stat('.');
    });
    const end = performance.now() + 5 * LIMIT_MS;
    while (performance.now() < end);
    expect((await work).isDirectory()).toBe(true);
    await sleep(1);
    expect(signal?.aborted).toBe(false);
  });

  it('rejects as the work does', async () => {
    const error = new Error('broken');
    await expect(withTimeLimit('it', 1_000, () => Promise.reject(error))).rejects.toBe(error);
    await expect(withTimeLimit('it', 1_000, () => Promise.reject('text'))).rejects.toBe('text');
  });

  it('rejects with what the work throws at once', async () => {
    const error = new Error('broken');
    const work = () => {
      throw error;
    };
    await expect(withTimeLimit('it', 1_000, work)).rejects.toBe(error);
  });

  it('rejects with a TimeLimitError that names the work', async () => {
    const begin = performance.now();
    const work = withTimeLimit('the sender', LIMIT_MS, never);
    await expect(work).rejects.toThrow(new TimeLimitError('the sender took longer than 30 ms'));
    await expect(work).rejects.toBeInstanceOf(TimeLimitError);
    expect(performance.now() - begin).toBeLessThan(LIMIT_MS * 30);
  });

  it('aborts the signal when the time is up', async () => {
    let signal: AbortSignal | undefined;
    const work = withTimeLimit('it', LIMIT_MS, (given) => {
      signal = given;
      return never();
    });
    expect(signal?.aborted).toBe(false);
    await expect(work).rejects.toThrow();
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(TimeLimitError);
  });

  it('does not abort the signal of work that ends in time', async () => {
    let signal: AbortSignal | undefined;
    await withTimeLimit('it', LIMIT_MS, (given) => {
      signal = given;
    });
    await sleep(LIMIT_MS * 2);
    expect(signal?.aborted).toBe(false);
  });

  it('rejects with a TimeLimitError even when the work rejects upon the abort', async () => {
    const work = withTimeLimit(
      'it',
      LIMIT_MS,
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted by somebody')));
        }),
    );
    await expect(work).rejects.toBeInstanceOf(TimeLimitError);
  });

  it('drops a late error of the work without an unhandled rejection', async () => {
    const rejections: unknown[] = [];
    const listen = (reason: unknown) => void rejections.push(reason);
    process.on('unhandledRejection', listen);
    try {
      const work = async () => {
        await sleep(LIMIT_MS * 2);
        throw new Error('late');
      };
      await expect(withTimeLimit('it', LIMIT_MS, work)).rejects.toBeInstanceOf(TimeLimitError);
      await sleep(LIMIT_MS * 3);
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
