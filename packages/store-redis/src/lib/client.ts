/**
 * What the store needs of a client. `Redis` and `Cluster` of ioredis have it; a few lines around another client
 * can, as long as a command that has been given up is never sent again.
 */
export interface RedisClient {
  /** Sends one command to the server that holds its keys. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** Sends commands one behind the other on one connection; their keys are in one slot. */
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
  /** One pair of error and reply for each command. */
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** Settings of ioredis: those that decide whether a command may reach the server after its call has failed, or twice. */
export interface RedisClientSettings {
  /** Where a server of a cluster is, as the cluster calls it. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly enableOfflineQueue?: boolean | undefined;
  readonly maxRetriesPerRequest?: number | null | undefined;
  readonly retryDelayOnFailover?: number | undefined;
  readonly clusterNodeRetryStrategy?: unknown;
  readonly redisOptions?: { readonly maxRetriesPerRequest?: number | null | undefined } | undefined;
}

/**
 * For `new Redis(url, redisOptions)`: a command fails with its connection and is never sent a second time,
 * a silent connection is replaced, and a master that has become a replica is left.
 */
export const redisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 5_000,
  reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
};

/**
 * The same for `new Cluster(nodes, clusterOptions)`. Redirections are followed: what is redirected has not run.
 * Commands may wait for a node's connection, which is opened for the first of them.
 */
export const clusterOptions = {
  retryDelayOnFailover: 0,
  redisOptions: { maxRetriesPerRequest: 0, connectTimeout: 1_000, socketTimeout: 5_000 },
};

/** @throws TypeError when the client would send a command again, or after the store has given it up. */
export function assertClient(client: RedisClient): void {
  if (typeof client?.call !== 'function' || typeof client.pipeline !== 'function') {
    throw new TypeError('client must be a Redis or a Cluster of ioredis: { client }.');
  }
  const wrong = client.isCluster ? unsafeCluster(client.options) : unsafeServer(client.options);
  if (wrong !== undefined) {
    const preset = client.isCluster ? 'clusterOptions' : 'redisOptions';
    throw new TypeError(
      `client repeats commands, which would count twice: set ${wrong}, or create it with ${preset} of @otp/store-redis.`,
    );
  }
}

function unsafeServer(settings: RedisClientSettings = {}): string | undefined {
  const { enableOfflineQueue = false, maxRetriesPerRequest = 0 } = settings;
  if (enableOfflineQueue) return 'enableOfflineQueue: false';
  return maxRetriesPerRequest === 0 ? undefined : 'maxRetriesPerRequest: 0';
}

function unsafeCluster(settings: RedisClientSettings = {}): string | undefined {
  const { retryDelayOnFailover = 0, redisOptions = {} } = settings;
  if (retryDelayOnFailover !== 0) return 'retryDelayOnFailover: 0';
  // A node's connection repeats only where it reconnects by itself.
  const reconnects = typeof settings.clusterNodeRetryStrategy === 'function';
  return reconnects && redisOptions.maxRetriesPerRequest !== 0
    ? 'redisOptions: { maxRetriesPerRequest: 0 }'
    : undefined;
}
