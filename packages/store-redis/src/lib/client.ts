/** A `Redis` or a `Cluster` of ioredis, as far as the store uses it. */
export interface IoredisClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  connect(): Promise<unknown>;
  readonly status: string;
  readonly isCluster: boolean;
  readonly options: IoredisSettings;
  /** The connections to the masters of a cluster. */
  nodes?(role: 'master'): readonly Pick<IoredisClient, 'call'>[];
}

/** Settings of ioredis that decide whether a command may reach the server twice, or after its call has failed. */
export interface IoredisSettings {
  readonly enableOfflineQueue?: boolean | undefined;
  readonly maxRetriesPerRequest?: number | null | undefined;
  readonly retryDelayOnFailover?: number | undefined;
  readonly clusterNodeRetryStrategy?: unknown;
  readonly redisOptions?: { readonly maxRetriesPerRequest?: number | null | undefined } | undefined;
}

/** What `createClient` of node-redis returns, as far as the store uses it. */
export interface NodeRedisClient {
  sendCommand(args: readonly string[]): Promise<unknown>;
  readonly isReady: boolean;
  readonly options?: { readonly disableOfflineQueue?: boolean | undefined } | undefined;
}

/** What `createCluster` of node-redis returns, as far as the store uses it. */
export interface NodeRedisCluster {
  sendCommand(key: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>;
  readonly isOpen: boolean;
  /** Each is an argument of `nodeClient`. */
  readonly masters: readonly object[];
  nodeClient(node: never): Promise<Pick<NodeRedisClient, 'sendCommand'>>;
}

/** A client of ioredis or node-redis, of one server or of a cluster. */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster;

/** All that the store needs of a client. */
export interface Connection {
  readonly isCluster: boolean;
  /** Whether commands reach a server now; makes a lazy client connect. */
  isReady(): boolean;
  /** Whether the host has ended the client. */
  isEnded(): boolean;
  /** Sends a command to the server that holds the key. */
  send(key: string | undefined, command: readonly string[]): Promise<unknown>;
  /** Sends a command to every master. */
  sendToAll(command: readonly string[]): Promise<unknown>[];
}

/**
 * Options of ioredis for one server or Sentinel: a command fails with its connection and is never sent again, a silent
 * connection is replaced, a server that is back is reached within a second, and a master that has become a replica is left.
 *
 * @example const client = new Redis('redis://localhost:6379', redisOptions);
 */
export const redisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 5_000,
  // The 5 s of ioredis 6 would fail every call of that time after the server is back.
  retryStrategy: (times: number): number => Math.min(50 * times, 500) + Math.random() * 200,
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
  redisOptions: { maxRetriesPerRequest: 0, connectTimeout: 2_000, socketTimeout: 5_000 },
};

/**
 * @returns what the store needs of the client; undefined for a client of another kind
 * @throws TypeError if the client may send a command again, or after the store has given it up
 */
export function toConnection(client: unknown): Connection | undefined {
  if (isIoredis(client)) return ofIoredis(client);
  if (isNodeRedisCluster(client)) return ofNodeRedisCluster(client);
  return isNodeRedis(client) ? ofNodeRedis(client) : undefined;
}

function ofIoredis(client: IoredisClient): Connection {
  const { isCluster, options } = client;
  assertSetting(isCluster ? missingClusterSetting(options) : missingServerSetting(options));
  const sendTo = (node: Pick<IoredisClient, 'call'>, [name = '', ...args]: readonly string[]) =>
    node.call(name, ...args);
  return {
    isCluster,
    isReady() {
      if (client.status === 'wait') client.connect().catch(() => undefined);
      return client.status === 'ready';
    },
    isEnded: () => client.status === 'end',
    send: (_, command) => sendTo(client, command),
    sendToAll: (command) =>
      (client.nodes?.('master') ?? [client]).map((node) => sendTo(node, command)),
  };
}

function ofNodeRedis(client: NodeRedisClient): Connection {
  assertSetting(client.options?.disableOfflineQueue ? undefined : 'disableOfflineQueue: true');
  return {
    isCluster: false,
    isReady: () => client.isReady,
    isEnded: () => false,
    send: (_, command) => client.sendCommand(command),
    sendToAll: (command) => [client.sendCommand(command)],
  };
}

function ofNodeRedisCluster(client: NodeRedisCluster): Connection {
  return {
    isCluster: true,
    isReady: () => client.isOpen && client.masters.length > 0,
    isEnded: () => false,
    send: (key, command) => client.sendCommand(key, false, [...command]),
    sendToAll: (command) =>
      client.masters.map(async (node) => {
        // It is one of the client's own nodes, whose type is not ours.
        const master = await client.nodeClient(node as never);
        return master.sendCommand(command);
      }),
  };
}

function isIoredis(client: unknown): client is IoredisClient {
  return hasMethods(client, ['call', 'connect']) && 'status' in client && 'isCluster' in client;
}

function isNodeRedisCluster(client: unknown): client is NodeRedisCluster {
  return hasMethods(client, ['sendCommand', 'nodeClient']) && 'masters' in client;
}

/** Its Sentinel client, which repeats commands by itself, is none. */
function isNodeRedis(client: unknown): client is NodeRedisClient {
  return hasMethods(client, ['sendCommand', 'connect']) && !('getSentinelNode' in client);
}

function hasMethods(value: unknown, names: readonly string[]): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

function assertSetting(missing: string | undefined): void {
  if (missing === undefined) return;
  throw new TypeError(
    `client must not keep or repeat commands, which would count twice or too late: set ${missing}.`,
  );
}

function missingServerSetting(settings: IoredisSettings): string | undefined {
  const { enableOfflineQueue = true, maxRetriesPerRequest } = settings;
  if (!enableOfflineQueue && maxRetriesPerRequest === 0) return undefined;
  return 'enableOfflineQueue: false and maxRetriesPerRequest: 0, or redisOptions of @otp/store-redis';
}

function missingClusterSetting(settings: IoredisSettings): string | undefined {
  const { retryDelayOnFailover, clusterNodeRetryStrategy, redisOptions } = settings;
  // The connection to a node repeats commands only if it reconnects by itself.
  const repeats =
    typeof clusterNodeRetryStrategy === 'function' && redisOptions?.maxRetriesPerRequest !== 0;
  if (retryDelayOnFailover === 0 && !repeats) return undefined;
  return 'retryDelayOnFailover: 0 and redisOptions: { maxRetriesPerRequest: 0 }, or clusterOptions of @otp/store-redis';
}
