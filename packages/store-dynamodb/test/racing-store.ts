import type { OtpStore } from '@otp/core/store';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import { timeoutMs } from './harness.js';
import { createTestClient } from './test-client.js';

/** Creates the store of one process in a race. The path of the URL is the table. */
export async function createStore(url: string): Promise<OtpStore> {
  const { origin, pathname } = new URL(url);
  const client = createTestClient(origin);
  return createDynamoStore({ client, table: pathname.slice(1), timeoutMs });
}
