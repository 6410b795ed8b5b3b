/** A query as `pg` takes it. It has no name: behind PgBouncer the next query may use another connection. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** Milliseconds after which `pg` gives up and closes the connection. */
  readonly query_timeout?: number;
}

/** The part of a `pg` pool that the store uses: one statement on any connection. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
}
