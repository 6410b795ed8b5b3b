import { once } from 'node:events';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { clusterOptions, redisOptions } from '../src/lib/client.js';

/** Connects to `redis://host:port`, `redis+cluster://host:port,host:port` or `redis+sentinel://host:port,host:port/name`. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const client = createIoredis(url);
  await once(client, 'ready');
  return client;
}

/** A client that has not connected yet. */
export function createIoredis(url: string, { lazyConnect = false } = {}): Redis | Cluster {
  const client = ofUrl(url, lazyConnect);
  // Without a listener Node would end the process; the tests see the calls that fail.
  client.on('error', () => undefined);
  return client;
}

function ofUrl(url: string, lazyConnect: boolean): Redis | Cluster {
  const [scheme, rest = ''] = url.split('://');
  if (scheme === 'redis+cluster') {
    return new Cluster(rest.split(','), { ...clusterOptions, lazyConnect });
  }
  const server = scheme === 'redis+sentinel' ? sentinelsOf(rest) : serverOf(rest);
  return new Redis({ ...redisOptions, ...server, lazyConnect });
}

/** Connects node-redis to a server or a cluster. */
export async function connectNodeRedis(url: string) {
  const [scheme, rest = ''] = url.split('://');
  const client =
    scheme === 'redis+cluster'
      ? createCluster({
          rootNodes: rest.split(',').map((each) => ({ url: `redis://${each}` })),
          defaults: { disableOfflineQueue: true },
        })
      : createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function serverOf(rest: string) {
  const [host = '', port] = rest.split(':');
  return { host, port: Number(port) };
}

function sentinelsOf(rest: string) {
  const [hosts = '', name = ''] = rest.split('/');
  return { sentinels: hosts.split(',').map(serverOf), name };
}
