/// <reference path="./sql.d.ts" />
import first from '../../sql/0001-tables-and-functions.sql';
import second from '../../sql/0002-tallies.sql';
import { assertKnown, type SchemaOptions, schemaName } from './options.js';
import type { PostgresClient } from './postgres-client.js';

/** In order; each adds a row with its number to the table `migration`. */
const MIGRATIONS: readonly string[] = [first, second];

/** The version that the store's statements are written for. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Makes the tables and functions, or brings them to this package's version. For every deployment: run twice, by
 * several processes at once or by an older version, it does nothing. The role needs the right to create the
 * schema, or to create in one that is there.
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  assertKnown(options, ['schema']);
  const schema = schemaName(options);
  const steps = MIGRATIONS.map(
    (sql, place) => `
  IF done < ${place + 1} THEN
    EXECUTE $sql$${sql.replaceAll(/\botp\b/g, schema)}$sql$;
  END IF;`,
  );
  // One message, which is one transaction: it needs no connection of its own. Whoever waited for the lock has to see
  // what was done meanwhile, which a host's REPEATABLE READ would hide.
  const text = `
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
DO $migrate$
DECLARE
  done int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7304304, hashtext('${schema}'));
  IF to_regclass('${schema}.migration') IS NOT NULL THEN
    SELECT max(version) INTO done FROM ${schema}.migration;
  END IF;${steps.join('')}
END $migrate$;`;
  await client.query({ text });
}
