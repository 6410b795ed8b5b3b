export type {
  IoredisClient,
  IoredisSettings,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
} from './lib/client.js';
export { clusterOptions, redisOptions } from './lib/client.js';
export type { RedisStoreOptions } from './lib/options.js';
export { RedisStoreError } from './lib/redis-error.js';
export { createRedisStore } from './lib/redis-store.js';
