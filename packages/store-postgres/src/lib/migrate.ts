/// <reference path="./sql.d.ts" />
import { optionsOf, parseOptions } from '@otp/core/store';
import * as v from 'valibot';
import first from '../../sql/0001-tables-and-functions.sql';
import { DEFAULT_SCHEMA, type SchemaOptions, schemaName } from './options.js';
import type { PostgresClient } from './postgres-client.js';

/** In order; each adds a row with its number to the table `migration`. */
const MIGRATIONS: readonly string[] = [first];

/** The version that the statements of the store need. */
export const SCHEMA_VERSION = MIGRATIONS.length;

const optionsSchema = optionsOf<SchemaOptions>()({
  schema: v.optional(schemaName, DEFAULT_SCHEMA),
});

/**
 * Creates the tables and functions, or updates them to the version of this package. Run it at every deployment: it does
 * nothing when they are up to date or newer, and several processes may run it at once.
 *
 * @param client a pool of `pg`, whose role may create the schema, or may create in a schema that exists
 * @param options the schema of the tables and functions
 * @throws TypeError for a wrong option; otherwise what the client throws
 * @example await migrate(pool, { schema: 'otp' });
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  const { schema } = parseOptions(optionsSchema, options, 'migrate()');
  const steps = MIGRATIONS.map(
    (sql, index) => `
  IF done < ${index + 1} THEN
    EXECUTE $sql$${sql.replaceAll(/\botp\b/g, schema)}$sql$;
  END IF;`,
  );
  // One message is one transaction, which needs no connection of its own. READ COMMITTED, because a process that has
  // waited for the lock must see what was done meanwhile; the host's REPEATABLE READ would hide it.
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
