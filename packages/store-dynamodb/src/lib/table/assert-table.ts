import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { DynamoStoreError } from './dynamo-error.js';

/** @throws DynamoStoreError unless the table has our key, and one region in which conditions hold */
export function assertTable(
  { KeySchema, Replicas }: TableDescription,
  homeRegion: string | undefined,
): void {
  const keys = (KeySchema ?? []).map((key) => `${key.AttributeName} ${key.KeyType}`);
  if (keys.join() !== 'pk HASH') {
    throw new DynamoStoreError('failed', 'The only key of the table must be pk (HASH).');
  }
  if ((Replicas ?? []).length > 0 && homeRegion === undefined) {
    throw new DynamoStoreError(
      'failed',
      'Set homeRegion to one region in every process: in a global table, two regions could each accept the same code.',
    );
  }
}
