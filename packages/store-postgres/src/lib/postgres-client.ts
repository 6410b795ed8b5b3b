/** A query as `pg` takes it. It has no name: behind PgBouncer the next query may use another connection. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** Milliseconds after which `pg` gives up and closes the connection. */
  readonly query_timeout?: number;
}

/** The part of a `pg` client that `migrate` and `cleanUp` use: one statement on any connection. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The part of a `pg` pool that the store uses. */
export interface PostgresPool extends PostgresClient {
  /** With it, the store can give up waiting for a connection and be certain that the statement does not run later. */
  connect?(): Promise<PostgresConnection>;
  readonly options?: { readonly max?: number | undefined } | undefined;
}

/** A connection that a pool lends. */
export interface PostgresConnection extends PostgresClient {
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
  /** Returns it to the pool, or closes it. */
  release(isBroken?: boolean): void;
}

/** Returns the column `answer` of the only row. Statements cast it to text, because a host may parse other types. */
export function answerOf(rows: readonly unknown[]): string | null {
  const [row] = rows;
  const answer =
    typeof row === 'object' && row !== null && 'answer' in row ? row.answer : undefined;
  if (answer !== null && typeof answer !== 'string') throw new Error('Postgres returned no answer');
  return answer;
}
