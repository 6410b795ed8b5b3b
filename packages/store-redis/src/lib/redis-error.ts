import { TimeLimitError } from '@otp/core/store';

/** The error with which the store rejects. It holds no key, no argument and no error of the driver. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
  /**
   * The first word of the server's error (`OOM`, `READONLY`, `LOADING`, …), the code of a system error, `TIMEOUT` or
   * `NOT_CONNECTED`.
   */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What the server quotes from a command; the apostrophe of a word is no quote. */
const QUOTED = /(?<!\w)(['"`]).*?(?:\1(?!\w)|$)/gs;

/**
 * Copies only what is safe to log: a driver's error carries the command with its keys and arguments, and some messages
 * of the server quote them.
 */
export function toStoreError(thrown: unknown, step: string): RedisStoreError {
  if (thrown instanceof RedisStoreError) return thrown;
  if (thrown instanceof TimeLimitError) return new RedisStoreError('TIMEOUT', thrown.message);
  const { message, code } = readError(thrown);
  const safe = message.replace(/, with args.*/s, '').replace(QUOTED, '…');
  return new RedisStoreError(code, `Redis failed at ${step}: ${safe}`);
}

/** The first word of a server's error message; a driver's own errors have none. */
export function replyCode(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /^[A-Z]{2,}(?= |$)/.exec(thrown.message)?.[0] : undefined;
}

function readError(thrown: unknown): { message: string; code: string } {
  if (!(thrown instanceof Error)) return { message: 'unknown error', code: 'UNKNOWN' };
  const system = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return { message: thrown.message, code: replyCode(thrown) ?? system ?? thrown.name };
}
