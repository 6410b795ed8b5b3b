/**
 * The part of a client that the store uses. `Redis` and `Cluster` of ioredis have it. Another client can be wrapped in
 * a few lines, as long as it never sends a command again after the call has failed.
 */
export interface RedisClient {
  /** Sends one command to the server that holds its keys. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** Sends commands in order over one connection; their keys are in one slot. */
  pipeline(commands: (string | number)[][]): RedisPipeline;
  readonly isCluster: boolean;
  /** The connections to the masters of a cluster. */
  nodes?(role: 'master'): readonly RedisNode[];
  readonly options?: RedisClientSettings;
  /** `ready` when commands reach the server at once, `wait` before the first one. */
  readonly status?: string;
}

/** A server of a cluster; `options` hold its host and port. */
export type RedisNode = Pick<RedisClient, 'call' | 'pipeline' | 'options'>;

export interface RedisPipeline {
  /** Returns one pair of error and reply for each command. */
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** Settings of ioredis that decide whether a command may reach the server twice, or after its call has failed. */
export interface RedisClientSettings {
  /** The host of a server as the cluster names it. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly enableOfflineQueue?: boolean | undefined;
  readonly maxRetriesPerRequest?: number | null | undefined;
  readonly retryDelayOnFailover?: number | undefined;
  readonly clusterNodeRetryStrategy?: unknown;
  readonly redisOptions?: { readonly maxRetriesPerRequest?: number | null | undefined } | undefined;
}

/**
 * Options of ioredis for one server or Sentinel: a command fails with its connection and is never sent again, a silent
 * connection is replaced, and a master that has become a replica is left.
 *
 * @example const client = new Redis('redis://localhost:6379', redisOptions);
 */
export const redisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 5_000,
  reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
};

/**
 * Options of ioredis for a cluster, with the same effect. Redirections are followed, because a redirected command has
 * not run. A command may wait for the connection to its node, which is opened by the first command.
 *
 * @example const client = new Cluster([{ host: 'localhost', port: 7000 }], clusterOptions);
 */
export const clusterOptions = {
  retryDelayOnFailover: 0,
  redisOptions: { maxRetriesPerRequest: 0, connectTimeout: 1_000, socketTimeout: 5_000 },
};

/**
 * Checks that the client sends each command once.
 *
 * @throws TypeError when it would send a command again, or after the store has given it up
 */
export function assertSendsOnce({ isCluster, options }: RedisClient): void {
  const setting = isCluster ? missingClusterSetting(options) : missingServerSetting(options);
  if (setting === undefined) return;
  const preset = isCluster ? 'clusterOptions' : 'redisOptions';
  throw new TypeError(
    `client must not repeat commands, which would count twice: set ${setting}, or create it with ${preset} of @otp/store-redis.`,
  );
}

function missingServerSetting(settings: RedisClientSettings = {}): string | undefined {
  const { enableOfflineQueue = false, maxRetriesPerRequest = 0 } = settings;
  if (enableOfflineQueue) return 'enableOfflineQueue: false';
  return maxRetriesPerRequest === 0 ? undefined : 'maxRetriesPerRequest: 0';
}

function missingClusterSetting(settings: RedisClientSettings = {}): string | undefined {
  const { retryDelayOnFailover = 0, redisOptions = {} } = settings;
  if (retryDelayOnFailover !== 0) return 'retryDelayOnFailover: 0';
  // The connection to a node repeats commands only if it reconnects by itself.
  const reconnects = typeof settings.clusterNodeRetryStrategy === 'function';
  return reconnects && redisOptions.maxRetriesPerRequest !== 0
    ? 'redisOptions: { maxRetriesPerRequest: 0 }'
    : undefined;
}
