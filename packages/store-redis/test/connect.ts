import { once } from 'node:events';
import { Cluster, Redis } from 'ioredis';
import { clusterOptions, redisOptions } from '../src/lib/client.js';

/** Connects to `redis://host:port`, `redis+cluster://host:port,host:port` or `redis+sentinel://host:port,host:port/name`. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const client = createClient(url);
  // Without a listener Node would end the process; the tests see the calls that fail.
  client.on('error', () => undefined);
  await once(client, 'ready');
  return client;
}

function createClient(url: string): Redis | Cluster {
  const [scheme, rest = ''] = url.split('://');
  if (scheme === 'redis+cluster') return new Cluster(rest.split(','), clusterOptions);
  if (scheme === 'redis+sentinel') return new Redis({ ...redisOptions, ...sentinelsOf(rest) });
  return new Redis(url, redisOptions);
}

function sentinelsOf(rest: string) {
  const [hosts = '', name = ''] = rest.split('/');
  const sentinels = hosts.split(',').map((each) => {
    const [host = '', port] = each.split(':');
    return { host, port: Number(port) };
  });
  return { sentinels, name };
}
