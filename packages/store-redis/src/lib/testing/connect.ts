import { once } from 'node:events';
import { Cluster, Redis } from 'ioredis';
import { clusterOptions, redisOptions } from '../client.js';

/** Connects to `redis://host:port` or `redis+cluster://host:port,host:port`. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const client = createClient(url);
  // Failures reach the tests through the calls that fail.
  client.on('error', () => undefined);
  await once(client, 'ready');
  return client;
}

function createClient(url: string): Redis | Cluster {
  const [scheme, hosts = ''] = url.split('://');
  if (scheme !== 'redis+cluster') return new Redis(url, redisOptions);
  return new Cluster(hosts.split(','), clusterOptions);
}
