export { startDynalite } from './lib/dynalite.js';
export { findFreePort } from './lib/free-port.js';
export type { HttpServer } from './lib/http-server.js';
export { startHttpServer } from './lib/http-server.js';
export type { PgBouncerConfig } from './lib/pgbouncer.js';
export { startPgBouncer } from './lib/pgbouncer.js';
export type { PostgresConfig } from './lib/postgres.js';
export { startPostgres } from './lib/postgres.js';
export type { ProvidedServer } from './lib/provide.js';
export {
  provideDynamoDb,
  providePostgres,
  provideRedis,
  provideRedisCluster,
} from './lib/provide.js';
export type { RedisConfig } from './lib/redis.js';
export { askRedis, startRedis } from './lib/redis.js';
export type { SlotMigration, TestCluster } from './lib/redis-cluster.js';
export { startRedisCluster } from './lib/redis-cluster.js';
export type { TestSentinel } from './lib/redis-sentinel.js';
export { startRedisSentinel } from './lib/redis-sentinel.js';
export type { TestServer } from './lib/server-process.js';
export { startServer } from './lib/server-process.js';
export type { ProxyMode, TcpProxy } from './lib/tcp-proxy.js';
export { startProxy } from './lib/tcp-proxy.js';
export { waitUntil } from './lib/wait-until.js';
