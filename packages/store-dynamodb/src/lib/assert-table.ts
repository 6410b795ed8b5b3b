import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { DynamoClient } from './client.js';
import { DynamoStoreError } from './dynamo-error.js';

/** Looks at the client once, before it is first used: its settings are promises. */
export function createReadiness(
  client: DynamoClient,
  homeRegion: string | undefined,
): () => Promise<void> {
  let ready: Promise<void> | undefined;
  return () => {
    ready ??= assertClient(client, homeRegion);
    return ready;
  };
}

async function assertClient(client: DynamoClient, homeRegion: string | undefined): Promise<void> {
  if ((await client.config.maxAttempts()) !== 1) {
    throw new DynamoStoreError(
      'failed',
      'Make the DynamoDB client with maxAttempts: 1; a repeat by the SDK could count twice.',
    );
  }
  if (homeRegion !== undefined && (await client.config.region()) !== homeRegion) {
    throw new DynamoStoreError(
      'failed',
      'The DynamoDB client is not of the home region; give it that region wherever this process runs.',
    );
  }
}

/** The key that we write to, and one region in which conditions hold. */
export function assertTable(
  { KeySchema, Replicas }: TableDescription,
  homeRegion: string | undefined,
): void {
  const keys = (KeySchema ?? []).map((key) => `${key.AttributeName} ${key.KeyType}`);
  if (keys.join() !== 'pk HASH') {
    throw new DynamoStoreError('failed', 'The table must have pk (HASH) as its only key.');
  }
  if ((Replicas ?? []).length > 0 && homeRegion === undefined) {
    throw new DynamoStoreError(
      'failed',
      'This is a global table, where two regions can each admit the same thing. Set homeRegion, the same everywhere.',
    );
  }
}
