import { startDynalite } from './dynalite.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import { startRedisCluster } from './redis-cluster.js';

/** A server that tests may share; to make it fail, start one. */
export interface ProvidedServer {
  readonly url: string;
  /** Ends it, when it was started here. */
  stop(): Promise<void>;
}

/** The Redis of OTP_TEST_REDIS_URL, or else one that is started. */
export function provideRedis(): Promise<ProvidedServer> {
  return provide('OTP_TEST_REDIS_URL', startRedis);
}

/** The cluster of OTP_TEST_REDIS_CLUSTER_URL (`redis+cluster://host:port,host:port`), or else one that is started. */
export function provideRedisCluster(): Promise<ProvidedServer> {
  // A busy machine keeps nodes waiting for seconds, which is no reason to replace one here.
  return provide('OTP_TEST_REDIS_CLUSTER_URL', () =>
    startRedisCluster({ 'cluster-node-timeout': '15000' }),
  );
}

/** The Postgres of OTP_TEST_POSTGRES_URL, or else one that is started. */
export function providePostgres(): Promise<ProvidedServer> {
  return provide('OTP_TEST_POSTGRES_URL', startPostgres);
}

/** The endpoint of DynamoDB of OTP_TEST_DYNAMODB_URL, or else an emulator that is started. */
export function provideDynamoDb(): Promise<ProvidedServer> {
  return provide('OTP_TEST_DYNAMODB_URL', () => startDynalite({ onDisk: false }));
}

async function provide(
  variable: string,
  start: () => Promise<ProvidedServer>,
): Promise<ProvidedServer> {
  const url = process.env[variable];
  return url ? { url, async stop() {} } : start();
}
