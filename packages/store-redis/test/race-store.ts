import type { OtpStore } from '@otp/core/store';
import { createRedisStore } from '../src/lib/redis-store.js';
import { connect } from './connect.js';

/** Creates the store of one process in a race. */
export async function createStore(url: string): Promise<OtpStore> {
  return createRedisStore({ client: await connect(url), timeoutMs: 10_000 });
}
