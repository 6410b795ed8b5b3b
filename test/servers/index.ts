export { startDynalite } from './dynalite.js';
export { findFreePort } from './free-port.js';
export type { HttpServer } from './http-server.js';
export { startHttpServer } from './http-server.js';
export type { PgBouncerConfig } from './pgbouncer.js';
export { startPgBouncer } from './pgbouncer.js';
export type { PostgresConfig } from './postgres.js';
export { startPostgres } from './postgres.js';
export type { ProvidedServer } from './provide.js';
export {
  provideDynamoDb,
  providePostgres,
  provideRedis,
  provideRedisCluster,
} from './provide.js';
export type { RedisConfig } from './redis.js';
export { askRedis, startRedis } from './redis.js';
export type { SlotMigration, TestCluster } from './redis-cluster.js';
export { startRedisCluster } from './redis-cluster.js';
export type { TestSentinel } from './redis-sentinel.js';
export { startRedisSentinel } from './redis-sentinel.js';
export type { TestServer } from './server-process.js';
export { startServer } from './server-process.js';
export type { ProxyMode, TcpProxy } from './tcp-proxy.js';
export { startProxy } from './tcp-proxy.js';
export { waitUntil } from './wait-until.js';
