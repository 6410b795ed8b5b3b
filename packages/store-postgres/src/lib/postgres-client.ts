/** What is asked of the database, as `pg` takes it. Never named: PgBouncer may hand the next one to another connection. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** Milliseconds after which `pg` gives up and closes the connection. */
  readonly query_timeout?: number;
}

/** The smallest part of a `pg` pool that is needed: one statement, on any connection. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
}
