import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';

export const REDIS_MISSING =
  'no redis-server found: install the packages redis-server and redis-tools';

/** Its settings, as in redis.conf: `{ 'maxmemory-policy': 'allkeys-lru' }`. */
export type RedisConfig = Readonly<Record<string, string>>;

/** A Redis of its own. It writes each command before it answers; SIGKILL loses nothing of that, synced or not. */
export async function startRedis(config: RedisConfig = {}): Promise<TestServer> {
  const port = await findFreePort();
  const folder = createScratchFolder('redis');
  const settings: RedisConfig = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder.path,
    save: '',
    appendonly: 'yes',
    appendfsync: 'no',
    ...config,
  };
  return startServer({
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    port,
    url: `redis://127.0.0.1:${port}`,
    missing: REDIS_MISSING,
    isReady: async () => (await askRedis(port, ['ping'])) === 'PONG',
    cleanUp: folder.remove,
  });
}

/** What redis-cli prints for a command; empty when the server does not answer. */
export async function askRedis(port: number, command: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('redis-cli', ['-p', String(port), ...command], { timeout: 2_000 });
    return stdout.trim();
  } catch {
    return '';
  }
}

const run = promisify(execFile);
