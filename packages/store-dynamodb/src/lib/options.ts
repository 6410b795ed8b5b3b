import type { DynamoClient } from './client.js';

export interface DynamoStoreOptions {
  /**
   * `DynamoDBClient`, or `DynamoDBDocumentClient` around one, made with `maxAttempts: 1`: a repeat by the SDK could
   * count twice.
   */
  readonly client: DynamoClient;
  /** The name of the table, as `createTable` or the CloudFormation template makes it. */
  readonly table: string;
  /**
   * The one region whose replica of a global table is used. Required for a global table; a client of another region is
   * then refused.
   */
  readonly homeRegion?: string;
  /** Milliseconds for each operation, its repeat included, from 1 to 60,000. @default 500 */
  readonly operationTimeoutMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

type DynamoStoreConfig = Required<Omit<DynamoStoreOptions, 'homeRegion'>> & {
  readonly homeRegion: string | undefined;
};

const KNOWN: Readonly<Record<keyof DynamoStoreOptions, true>> = {
  client: true,
  table: true,
  homeRegion: true,
  operationTimeoutMs: true,
  now: true,
};

const MAX_TIMEOUT_MS = 60_000;

export function resolveOptions(options: DynamoStoreOptions): DynamoStoreConfig {
  // First, because a client in the place of the options has names of its own.
  const { send, config } = options?.client ?? {};
  if (typeof send !== 'function' || typeof config?.maxAttempts !== 'function') {
    throw new TypeError(
      'client must be a DynamoDBClient or a DynamoDBDocumentClient: { client, table }.',
    );
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown !== undefined) {
    const names = Object.keys(KNOWN).join(', ');
    throw new TypeError(
      `createDynamoStore has no option ${unknown.slice(0, 64)}; it takes ${names}.`,
    );
  }
  const { client, table, homeRegion, operationTimeoutMs = 500, now = Date.now } = options;
  // A name or an ARN: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
  if (typeof table !== 'string' || !/^[a-zA-Z0-9_.:/-]{1,1024}$/.test(table)) {
    throw new TypeError('table must be the name of a table.');
  }
  if (homeRegion !== undefined && (typeof homeRegion !== 'string' || homeRegion === '')) {
    throw new TypeError("homeRegion must be a region such as 'eu-west-1', or be left out.");
  }
  if (!Number.isInteger(operationTimeoutMs) || !isWithin(operationTimeoutMs, MAX_TIMEOUT_MS)) {
    throw new TypeError(`operationTimeoutMs must be a whole number from 1 to ${MAX_TIMEOUT_MS}.`);
  }
  if (typeof now !== 'function') throw new TypeError('now must be a function.');
  return { client, table, homeRegion, operationTimeoutMs, now };
}

function isWithin(value: number, most: number): boolean {
  return value >= 1 && value <= most;
}
