/** Why the server or the connection did not do what was asked. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
  /** The first word of the server's answer (`OOM`, `READONLY`, `LOADING`, …), a system error's code, or `TIMEOUT`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Copies what is safe to log: a driver's error carries the command with its keys and arguments, and a server
 * quotes them in some of its messages.
 */
export function toStoreError(thrown: unknown, step: string): RedisStoreError {
  if (thrown instanceof RedisStoreError) return thrown;
  const { message, code } = readError(thrown);
  const [text = ''] = message.split(/['"`]|, with args/, 1);
  return new RedisStoreError(code, `Redis failed at ${step}: ${text.trim()}`);
}

/** The first word of a server's error message. */
export function replyCode(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /^[A-Z]{2,}(?= |$)/.exec(thrown.message)?.[0] : undefined;
}

function readError(thrown: unknown): { message: string; code: string } {
  if (!(thrown instanceof Error)) return { message: 'unknown error', code: 'UNKNOWN' };
  const system = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return { message: thrown.message, code: replyCode(thrown) ?? system ?? thrown.name };
}
