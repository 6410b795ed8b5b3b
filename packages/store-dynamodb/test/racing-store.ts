import type { OtpStore } from '@otp/core/store';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import { timeoutMs } from './harness.js';
import { createTestClient } from './test-client.js';

/** Of one process in a race; the URL is the endpoint, with the table as its path. */
export async function createStore(url: string): Promise<OtpStore> {
  const { origin, pathname } = new URL(url);
  const client = createTestClient(origin);
  return createDynamoStore({ client, table: pathname.slice(1), timeoutMs });
}
