import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createTable } from '../src/lib/table/create-table.js';

/** As a host makes it, and for a server that looks neither at the region nor at who asks. */
export function createTestClient(
  endpoint: string,
  changes: DynamoDBClientConfig = {},
): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    // As many sockets as the SDK opens by itself.
    requestHandler: {
      httpAgent: new Agent({ keepAlive: true, maxSockets: 50 }),
      socketAcquisitionWarningTimeout: 60_000,
    },
    ...changes,
  });
}

/** A table that no other test uses. */
export async function createTestTable(client: DynamoDBClient): Promise<string> {
  const table = `otp-${randomBytes(6).toString('hex')}`;
  await createTable(client, table);
  return table;
}
