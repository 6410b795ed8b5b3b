import type { OtpStore } from '@otp/core/store';
import { createPostgresStore } from '../src/index.js';
import { createTestPool, PATIENT } from './test-database.js';

/** Creates the store of one process in a race. Its requests queue for ten connections. */
export async function createStore(url: string): Promise<OtpStore> {
  const pool = createTestPool(url, { connectionTimeoutMillis: 0 });
  return createPostgresStore({ pool, ...PATIENT });
}
