/** A verb that could not do its work. Neither it nor its cause holds a parameter, a key or a row. */
export class PostgresStoreError extends Error {
  override readonly name = 'PostgresStoreError';
  /** The server's SQLSTATE or the code of a network error, where there was one. */
  readonly code: string | undefined;

  constructor(message: string, code?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function toStoreError(verb: string, error: unknown): PostgresStoreError {
  if (error instanceof PostgresStoreError) return error;
  const code = codeOf(error);
  const what = `Postgres failed at ${verb}${code === undefined ? '' : ` (${code})`}`;
  const hint = isMissing(code) ? ': run migrate() of @otp/store-postgres first' : '';
  return new PostgresStoreError(what + hint, code, safeCause(error, code));
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Five characters; what Node calls its errors is longer, or begins with an E. */
export function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}

/** No such schema, table or function. */
function isMissing(code: string | undefined): boolean {
  return code === '3F000' || code === '42P01' || code === '42883';
}

/**
 * The text alone: `pg` puts the row and the key beside it. In class 22 (bad data) and class 23 (constraints) the text
 * itself quotes values.
 */
function safeCause(error: unknown, code: string | undefined): ErrorOptions {
  const quotesValues = code?.startsWith('22') || code?.startsWith('23');
  return error instanceof Error && !quotesValues ? { cause: new Error(error.message) } : {};
}
