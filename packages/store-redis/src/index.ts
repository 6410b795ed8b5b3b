export type { RedisClient, RedisClientSettings, RedisNode, RedisPipeline } from './lib/client.js';
export { clusterOptions, redisOptions } from './lib/client.js';
export type { RedisStoreOptions, ReplicaOptions } from './lib/options.js';
export { RedisStoreError } from './lib/redis-error.js';
export { createRedisStore } from './lib/redis-store.js';
