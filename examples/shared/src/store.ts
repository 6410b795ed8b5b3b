import { createMemoryStore } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import type { Cluster, Redis } from 'ioredis';
import { SettingError } from './setting-error.js';
import type { StoreSetting } from './store-setting.js';

export interface OpenOptions {
  /** Makes the tables that are missing. @default true */
  readonly prepare?: boolean;
}

/** The store that `OTP_STORE` names, ready for requests. Drivers are loaded only where they are used. */
export async function openStore(
  setting: StoreSetting,
  { prepare = true }: OpenOptions = {},
): Promise<OtpStore> {
  try {
    const store = await connect(setting, prepare);
    await store.ping();
    return store;
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    throw new SettingError(`OTP_STORE: the ${setting.kind} store cannot be reached.`, { cause });
  }
}

async function connect(setting: StoreSetting, prepare: boolean): Promise<OtpStore> {
  switch (setting.kind) {
    case 'memory':
      return createMemoryStore();
    case 'redis':
    case 'redis-cluster':
      return connectRedis(setting);
    case 'postgres':
      return connectPostgres(setting, prepare);
    case 'dynamodb':
      return connectDynamo(setting, prepare);
  }
}

type Of<K extends StoreSetting['kind']> = Extract<StoreSetting, { kind: K }>;

const READY_MS = 5_000;
/** As long as core waits for all that a request asks of the store. */
const EMULATOR_LIMIT_MS = 2_000;

async function connectRedis(setting: Of<'redis'> | Of<'redis-cluster'>): Promise<OtpStore> {
  const { clusterOptions, createRedisStore, redisOptions } = await import('@otp/store-redis');
  const { Cluster, Redis } = await import('ioredis');
  const client =
    setting.kind === 'redis'
      ? new Redis(setting.url, redisOptions)
      : new Cluster([...setting.nodes], clusterOptions);
  // Requests fail and say so meanwhile; ioredis goes on trying to connect.
  client.on('error', () => {});
  try {
    await ready(client);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return createRedisStore({ client });
}

async function connectPostgres({ url }: Of<'postgres'>, prepare: boolean): Promise<OtpStore> {
  const { cleanUp, createPostgresStore, migrate } = await import('@otp/store-postgres');
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: READY_MS });
  // An idle connection was lost: the next request makes another.
  pool.on('error', () => {});
  if (prepare) await migrate(pool);
  setInterval(() => cleanUp(pool).catch(() => {}), 60_000).unref();
  return createPostgresStore({ pool });
}

async function connectDynamo(
  { region, table, endpoint }: Of<'dynamodb'>,
  prepare: boolean,
): Promise<OtpStore> {
  const { createDynamoStore, createTable } = await import('@otp/store-dynamodb');
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  // An emulator takes any credentials, and there may be none.
  const emulator = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };
  const client = new DynamoDBClient({
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint, credentials: emulator }),
  });
  if (prepare) await createTable(client, table);
  // One thread serves all of an emulator's clients; its first answers on a busy machine take longer than the service's.
  const limits = endpoint === undefined ? {} : { timeoutMs: EMULATOR_LIMIT_MS };
  return createDynamoStore({ client, table, ...limits });
}

function ready(client: Redis | Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no connection in time')), READY_MS);
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
