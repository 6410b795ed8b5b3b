import type { OtpStore } from '@otp/core/store';
import { ClusterStore } from './cluster-store.js';
import { type RedisStoreOptions, resolveOptions } from './options.js';
import { Server } from './server.js';
import { SingleStore } from './single-store.js';

/**
 * Creates a store that keeps verifications and limits in Redis. Expiry goes by the clock of the server. On one server,
 * also behind Sentinel, each verb is one script; in a cluster a verb that concerns several slots runs one script for
 * each slot.
 *
 * @param options the client and, if needed, prefix and time limit
 * @returns the store for `createOtpService`; it rejects with a `RedisStoreError`, and `close` leaves the client open
 * @throws TypeError when an option, or a setting of the client, must be different; the message says how
 * @example
 * const client = new Redis('redis://localhost:6379', redisOptions);
 * const store = createRedisStore({ client });
 */
export function createRedisStore(options: RedisStoreOptions): OtpStore {
  const config = resolveOptions(options);
  const server = new Server(config);
  return config.connection.isCluster ? new ClusterStore(server) : new SingleStore(server);
}
