import { once } from 'node:events';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { clusterOptions, redisOptions } from '../src/lib/client.js';

/** Connects to `redis://host:port`, `redis+cluster://host:port,host:port` or `redis+sentinel://host:port,host:port/name`. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const client = createIoredis(url);
  // Without a listener Node would end the process; the tests see the calls that fail.
  client.on('error', () => undefined);
  await once(client, 'ready');
  return client;
}

function createIoredis(url: string): Redis | Cluster {
  const [scheme, rest = ''] = url.split('://');
  if (scheme === 'redis+cluster') return new Cluster(rest.split(','), clusterOptions);
  if (scheme === 'redis+sentinel') return new Redis({ ...redisOptions, ...sentinelsOf(rest) });
  return new Redis(url, redisOptions);
}

/** Connects node-redis to a server or a cluster. */
export async function connectNodeRedis(url: string) {
  const client = createNodeRedis(url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function createNodeRedis(url: string) {
  const [scheme, rest = ''] = url.split('://');
  if (scheme !== 'redis+cluster') return createClient({ url, disableOfflineQueue: true });
  return createCluster({
    rootNodes: rest.split(',').map((each) => ({ url: `redis://${each}` })),
    defaults: { disableOfflineQueue: true },
  });
}

function sentinelsOf(rest: string) {
  const [hosts = '', name = ''] = rest.split('/');
  const sentinels = hosts.split(',').map((each) => {
    const [host = '', port] = each.split(':');
    return { host, port: Number(port) };
  });
  return { sentinels, name };
}
