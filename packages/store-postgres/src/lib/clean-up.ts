import { integer, optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import { DEFAULT_SCHEMA, type SchemaOptions, schemaName } from './options.js';
import { answerOf, type PostgresClient } from './postgres-client.js';

/** Where `cleanUp` removes rows, and how many at once. */
export interface CleanUpOptions extends SchemaOptions {
  /** Rows of each table that one statement removes at most, 1 to 1,000,000. @default 1000 */
  readonly batch?: number;
}

const schema = optionsOf<CleanUpOptions>()({
  schema: v.optional(schemaName, DEFAULT_SCHEMA),
  batch: v.optional(integer(1, 1_000_000), 1_000),
});

/**
 * Removes expired rows, one batch after another. Only disk space depends on it, because expiry is decided when a row is
 * read. It locks no live row and waits for no lock; several calls may run at once.
 *
 * @param client a pool of `pg`
 * @param options the schema of the tables, and the size of a batch
 * @returns the number of rows removed
 * @throws TypeError for a wrong option; otherwise what the client throws
 * @example setInterval(() => cleanUp(pool).catch(console.error), 60_000).unref();
 */
export async function cleanUp(
  client: PostgresClient,
  options: CleanUpOptions = {},
): Promise<number> {
  const { schema: name, batch } = parseOptions(schema, options, 'cleanUp()');
  const text = `SELECT ${name}.clean_up($1)::text AS answer`;
  for (let total = 0; ; ) {
    const { rows } = await client.query({ text, values: [batch] });
    const removed = Number(answerOf(rows));
    total += removed;
    if (removed < batch) return total;
  }
}
