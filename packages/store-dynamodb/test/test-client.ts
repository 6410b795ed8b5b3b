import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createTable } from '../src/lib/table/create-table.js';

/** Creates a client as a host does; the emulator ignores region and credentials. */
export function createTestClient(
  endpoint: string,
  changes: DynamoDBClientConfig = {},
): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    // The default number of sockets of the SDK.
    requestHandler: {
      httpAgent: new Agent({ keepAlive: true, maxSockets: 50 }),
      socketAcquisitionWarningTimeout: 60_000,
    },
    ...changes,
  });
}

/** Creates a table that no other test uses. */
export async function createTestTable(client: DynamoDBClient): Promise<string> {
  const table = `otp-${randomBytes(6).toString('hex')}`;
  await createTable(client, table);
  return table;
}
