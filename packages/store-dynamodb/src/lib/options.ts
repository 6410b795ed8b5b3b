import { fn, instance, integer, optionsOf, parseOptions, text } from '@otp/core/store';
import * as v from 'valibot';
import type { DynamoClient } from './table/client.js';

/** The client and the table of a store. */
export interface DynamoStoreOptions {
  /**
   * A `DynamoDBClient`, or a `DynamoDBDocumentClient` around one, created with `maxAttempts: 1`: a repeat by the SDK
   * could count twice.
   */
  readonly client: DynamoClient;
  /** Name of the table that `createTable` or the CloudFormation template creates. */
  readonly table: string;
  /** Region of the only replica of a global table that is used. Required for a global table. @default none */
  readonly homeRegion?: string;
  /** Time limit of each operation with its repeat, in milliseconds, 1 to 60,000. @default 500 */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const CLIENT_RULE = 'must be a DynamoDBClient or a DynamoDBDocumentClient, as in { client, table }';
const TABLE_RULE = 'must be the name of a table';

const schema = optionsOf<DynamoStoreOptions>()({
  client: v.pipe(
    instance<DynamoClient>(['send'], CLIENT_RULE),
    v.check(({ config }) => typeof config?.maxAttempts === 'function', CLIENT_RULE),
  ),
  // A name or an ARN: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
  table: v.pipe(v.string(TABLE_RULE), v.regex(/^[a-zA-Z0-9_.:/-]{1,1024}$/, TABLE_RULE)),
  homeRegion: v.optional(text(64)),
  timeoutMs: v.optional(integer(1, 60_000), 500),
  now: v.optional(fn<() => number>(), () => Date.now),
});

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: DynamoStoreOptions): v.InferOutput<typeof schema> {
  return parseOptions(schema, options, 'createDynamoStore()');
}
