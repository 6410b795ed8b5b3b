import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoAdminClient } from './client.js';
import { isNamed } from './dynamo-error.js';

const POLL_MS = 500;
const MAX_POLLS = 120;

/**
 * Creates the table, with on-demand capacity and expiry, and waits until it can be used. A table that exists stays as it
 * is, so several processes may run this at once.
 *
 * @param client a `DynamoDBClient`
 * @param table the name of the table
 * @throws Error when the table cannot be used within a minute; otherwise what the client throws
 * @example await createTable(new DynamoDBClient({ region: 'eu-west-1' }), 'otp');
 */
export async function createTable(client: DynamoAdminClient, table: string): Promise<void> {
  await client
    .send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    )
    .catch(ignore('ResourceInUseException'));
  await waitUntilActive(client, table);
  if (await isExpiring(client, table)) return;
  await client
    .send(
      new UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      }),
    )
    // An emulator may know no expiry: its tables only grow. Another `createTable` may be enabling it at this moment.
    .catch(ignore('UnknownOperationException', 'ResourceInUseException'));
}

async function waitUntilActive(client: DynamoAdminClient, table: string): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await sleep(POLL_MS);
  }
  throw new Error(`the table is not active after ${(POLL_MS * MAX_POLLS) / 1000} s`);
}

/** Read first, because enabling expiry twice is an error. */
async function isExpiring(client: DynamoAdminClient, table: string): Promise<boolean> {
  const command = new DescribeTimeToLiveCommand({ TableName: table });
  const { TimeToLiveDescription } = await client.send(command);
  const status = TimeToLiveDescription?.TimeToLiveStatus;
  return status === 'ENABLED' || status === 'ENABLING';
}

function ignore(...names: string[]): (error: unknown) => void {
  return (error) => {
    if (!isNamed(error, names)) throw error;
  };
}
