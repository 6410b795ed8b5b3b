import { TimeLimitError } from '@otp/core/store';

/** The error with which the store rejects. Neither it nor its cause holds a parameter, a key or a row. */
export class PostgresStoreError extends Error {
  override readonly name = 'PostgresStoreError';
  /** SQLSTATE of the server or code of the network error; undefined when there is none. */
  readonly code: string | undefined;

  constructor(message: string, code?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function toStoreError(verb: string, error: unknown): PostgresStoreError {
  if (error instanceof PostgresStoreError) return error;
  if (error instanceof TimeLimitError) return new PostgresStoreError(error.message);
  const code = codeOf(error);
  const failure = `Postgres failed at ${verb}${code === undefined ? '' : ` (${code})`}`;
  const hint = isMissing(code) ? ': run migrate() of @otp/store-postgres first' : '';
  return new PostgresStoreError(failure + hint, code, safeCause(error, code));
}

/** Serialization failure or deadlock: the statement had no effect. */
export function wasRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** The connection was cut, or the server is starting or stopping: the statement may have taken effect. */
export function wasCutOff(error: unknown): boolean {
  if (error instanceof TimeLimitError || error instanceof PostgresStoreError) return false;
  const code = codeOf(error);
  return isSqlState(code) ? code.startsWith('08') || code.startsWith('57P') : true;
}

/** The server cannot be reached, is starting or stopping, or has no connection left: another try may succeed. */
export function isAway(error: unknown): boolean {
  return codeOf(error) === '53300' || wasCutOff(error);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A SQLSTATE has five characters; error codes of Node are longer or begin with an E. */
function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}

/** The schema, a table or a function does not exist. */
function isMissing(code: string | undefined): boolean {
  return code === '3F000' || code === '42P01' || code === '42883';
}

/**
 * Copies the message only, because errors of `pg` also hold the row and the key. In class 22 (data exception) and class
 * 23 (integrity constraint violation) even the message quotes values.
 */
function safeCause(error: unknown, code: string | undefined): ErrorOptions {
  const quotesValues = code?.startsWith('22') || code?.startsWith('23');
  return error instanceof Error && !quotesValues ? { cause: new Error(error.message) } : {};
}
