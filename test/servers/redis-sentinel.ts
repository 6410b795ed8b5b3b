import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from './free-port.js';
import { askRedis, REDIS_MISSING, startRedis } from './redis.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';
import { waitUntil } from './wait-until.js';

const SENTINELS = 3;
const QUORUM = 2;
const NAME = 'otp-master';

export interface TestSentinel {
  /** `redis+sentinel://host:port,host:port/name`, with all sentinels and what they call the master. */
  readonly url: string;
  /** A master and its replica, at the start. */
  readonly nodes: readonly TestServer[];
  /** The node that most sentinels call the master now. */
  master(): Promise<TestServer>;
  /** Resolves when all sentinels agree and the master has its replica. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A master, a replica, and three sentinels, which replace the master when it has been silent for half a second. */
export async function startRedisSentinel(): Promise<TestSentinel> {
  const started: TestServer[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const keep = (server: TestServer) => {
    started.push(server);
    return server;
  };
  try {
    const master = keep(await startRedis({ 'repl-diskless-sync-delay': '0' }));
    const replicaof = `127.0.0.1 ${master.port}`;
    const replica = keep(await startRedis({ replicaof, 'repl-diskless-sync-delay': '0' }));
    const nodes = [master, replica];
    // A sentinel asks for the replicas when it meets the master, and ten seconds later again.
    await waitUntil('the replica', () => hasReplica(master));
    const sentinels = await Promise.all(
      Array.from({ length: SENTINELS }, async () => keep(await startSentinel(master.port))),
    );
    await Promise.all(sentinels.map(quicken));
    const sentinel: TestSentinel = {
      url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
      nodes,
      master: () => masterSeenBy(sentinels, nodes),
      settle: () => waitUntil('the sentinels', () => isSettled(sentinels, nodes)),
      stop,
    };
    await sentinel.settle();
    return sentinel;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What is fixed in production: how often they ask their nodes and tell each other, in milliseconds. */
async function quicken({ port }: TestServer): Promise<void> {
  const periods = ['info-period', '500', 'publish-period', '200', 'ask-period', '200'];
  await askRedis(port, ['sentinel', 'debug', ...periods]);
}

async function startSentinel(masterPort: number): Promise<TestServer> {
  const port = await findFreePort();
  const folder = createScratchFolder('sentinel');
  // It writes what it learns into its file, and starts from none but a file.
  const file = join(folder.path, 'sentinel.conf');
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder.path}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 4000`,
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  return startServer({
    command: 'redis-server',
    args: [file, '--sentinel'],
    port,
    url: `redis://127.0.0.1:${port}`,
    missing: REDIS_MISSING,
    isReady: async () => (await askRedis(port, ['ping'])) === 'PONG',
    cleanUp: folder.remove,
  });
}

async function masterSeenBy(
  sentinels: readonly TestServer[],
  nodes: readonly TestServer[],
): Promise<TestServer> {
  const seen = await Promise.all(sentinels.map(masterPortOf));
  const node = nodes.find(({ port }) => seen.filter((each) => each === port).length >= QUORUM);
  if (node === undefined) throw new Error('the sentinels do not agree on a master');
  return node;
}

async function masterPortOf({ port }: TestServer): Promise<number> {
  const address = await askRedis(port, ['sentinel', 'get-master-addr-by-name', NAME]);
  return Number(address.split('\n')[1]);
}

async function isSettled(
  sentinels: readonly TestServer[],
  nodes: readonly TestServer[],
): Promise<boolean> {
  const seen = await Promise.all(sentinels.map(masterPortOf));
  const master = nodes.find(({ port }) => seen.every((each) => each === port));
  if (master === undefined || !(await hasReplica(master))) return false;
  const known = await Promise.all(
    sentinels.map(({ port }) => askRedis(port, ['sentinel', 'master', NAME])),
  );
  return known.every(
    (state) =>
      fieldOf(state, 'num-other-sentinels') === String(SENTINELS - 1) &&
      fieldOf(state, 'num-slaves') === '1' &&
      fieldOf(state, 'flags') === 'master',
  );
}

/** The line behind that of the name. */
function fieldOf(state: string, name: string): string | undefined {
  const lines = state.split('\n');
  return lines[lines.indexOf(name) + 1];
}

async function hasReplica({ port }: TestServer): Promise<boolean> {
  return (await askRedis(port, ['info', 'replication'])).includes('state=online');
}
