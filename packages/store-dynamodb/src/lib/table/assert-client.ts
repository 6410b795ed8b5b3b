import type { DynamoClient } from './client.js';
import { DynamoStoreError } from './dynamo-error.js';

/** Checks the client once, before its first use, because its settings are promises. */
export function createClientCheck(
  client: DynamoClient,
  homeRegion: string | undefined,
): () => Promise<void> {
  let checked: Promise<void> | undefined;
  return () => {
    checked ??= assertClient(client, homeRegion);
    return checked;
  };
}

async function assertClient(client: DynamoClient, homeRegion: string | undefined): Promise<void> {
  if ((await client.config.maxAttempts()) !== 1) {
    throw new DynamoStoreError(
      'failed',
      'Create the DynamoDB client with maxAttempts: 1. A repeat by the SDK could count twice.',
    );
  }
  if (homeRegion !== undefined && (await client.config.region()) !== homeRegion) {
    throw new DynamoStoreError(
      'failed',
      'Create the DynamoDB client with homeRegion as its region, wherever this process runs.',
    );
  }
}
