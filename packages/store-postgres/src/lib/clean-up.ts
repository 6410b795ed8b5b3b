import { assertKnown, type SchemaOptions, schemaName } from './options.js';
import type { PostgresClient } from './postgres-client.js';
import { numberOf, onlyRow } from './row.js';

export interface CleanUpOptions extends SchemaOptions {
  /** Rows of each table that one statement removes at most. @default 1000 */
  readonly batch?: number;
}

/**
 * Removes what has expired, batch after batch, and answers how many rows that were. Nothing depends on it but space:
 * expiry is decided when a row is read. It locks no live row and waits for none; several may run at once.
 */
export async function cleanUp(
  client: PostgresClient,
  options: CleanUpOptions = {},
): Promise<number> {
  assertKnown(options, ['schema', 'batch']);
  const { batch = 1_000 } = options;
  if (!Number.isInteger(batch) || batch < 1 || batch > 1_000_000) {
    throw new TypeError('batch must be a whole number from 1 to 1000000.');
  }
  const text = `SELECT ${schemaName(options)}.clean_up($1) AS removed`;
  for (let total = 0; ; ) {
    const { rows } = await client.query({ text, values: [batch] });
    const removed = numberOf(onlyRow(rows), 'removed');
    total += removed;
    if (removed < batch) return total;
  }
}
