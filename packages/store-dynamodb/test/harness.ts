import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { StoreHarness } from '@otp/testing';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import type { DynamoClient } from '../src/lib/table/client.js';

export interface HarnessOptions {
  readonly client: DynamoDBClient;
  /** The client of a second process. */
  readonly peer: DynamoClient;
  readonly table: string;
}

/** The emulator takes milliseconds of a processor for each operation, and many calls wait for it at once. */
export const timeoutMs = 60_000;

/** The harness of the exported suites, with a clock that only a case moves. */
export function createHarness({ client, peer, table }: HarnessOptions): StoreHarness {
  let time = Date.UTC(2026, 0, 1);
  const now = () => time;
  const options = { table, now, timeoutMs };
  return {
    createStore: async () => createDynamoStore({ ...options, client }),
    createPeer: async () => createDynamoStore({ ...options, client: peer }),
    now,
    advance: async (ms) => {
      time += ms;
    },
    dump: async () => Buffer.concat(await scan(client, table)),
    // Few, because the emulator is slow.
    atOnce: 10,
    guesses: 500,
  };
}

async function scan(client: DynamoDBClient, table: string): Promise<Buffer[]> {
  const pages: Buffer[] = [];
  for await (const { Items } of paginateScan({ client }, { TableName: table })) {
    pages.push(Buffer.from(JSON.stringify(Items)));
  }
  return pages;
}
