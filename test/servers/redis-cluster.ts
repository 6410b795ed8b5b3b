import { findFreePort } from './free-port.js';
import { askRedis, type RedisConfig, startRedis } from './redis.js';
import type { TestServer } from './server-process.js';
import { waitUntil } from './wait-until.js';

const MASTERS = 3;
const SLOTS = 16_384;

export interface TestCluster {
  /** `redis+cluster://host:port,host:port`, with all nodes. */
  readonly url: string;
  /** The first three start as masters, the next three as replicas of them in the same order. */
  readonly nodes: readonly TestServer[];
  /** The node that is master of a slot now, and has been heard of by the others. */
  masterOf(slot: number): Promise<TestServer>;
  /** The slot of a key. */
  slotOf(key: string): Promise<number>;
  /** Between the steps, clients are redirected by ASK for what has moved, and after them by MOVED. */
  beginMigration(slot: number): Promise<SlotMigration>;
  /** Resolves when every slot has a master that answers, and every master a replica. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A slot on its way from its master to another one, as redis-cli does it. */
export interface SlotMigration {
  readonly to: TestServer;
  /** Moves the keys that the slot has by now. */
  moveKeys(): Promise<void>;
  /** Gives the slot to its new master. */
  finish(): Promise<void>;
}

/** Three masters with a replica each, which take over a second after their master is gone. */
export async function startRedisCluster(config: RedisConfig = {}): Promise<TestCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 2 * MASTERS }, async () =>
      startRedis({
        'cluster-enabled': 'yes',
        // Unless told, the port and 10,000, which may be above 65,535.
        'cluster-port': String(await findFreePort()),
        'cluster-node-timeout': '1000',
        'cluster-replica-validity-factor': '0',
        'repl-diskless-sync-delay': '0',
        ...config,
      }),
    ),
  );
  const cluster: TestCluster = {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    async masterOf(slot) {
      const node = (await membersSeenBy(nodes)).find(
        ({ isMaster, ranges }) =>
          isMaster && ranges.some(([from, to]) => from <= slot && slot <= to),
      );
      const found = nodes.find(({ port }) => port === node?.port);
      if (found === undefined) throw new Error(`no master of slot ${slot}`);
      return found;
    },
    slotOf: async (key) => Number(await askRedis(nodes[0]?.port ?? 0, ['cluster', 'keyslot', key])),
    async beginMigration(slot) {
      const from = await cluster.masterOf(slot);
      const to = await cluster.masterOf(slot < SLOTS / 2 ? SLOTS - 1 : 0);
      return beginMigration(slot, from, to);
    },
    settle: () => waitUntil('the cluster', () => isSettled(nodes)),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
  try {
    await join(nodes);
    await cluster.settle();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

async function join(nodes: readonly TestServer[]): Promise<void> {
  const masters = nodes.slice(0, MASTERS);
  const size = Math.ceil(SLOTS / MASTERS);
  for (const [index, { port }] of masters.entries()) {
    const last = Math.min((index + 1) * size, SLOTS) - 1;
    await expectOk(port, ['cluster', 'addslotsrange', String(index * size), String(last)]);
    // Without it all start in one epoch, and a fail-over waits until they differ.
    await expectOk(port, ['cluster', 'set-config-epoch', String(index + 1)]);
  }
  const [first] = nodes;
  for (const { port } of nodes.slice(1)) {
    const bus = await askRedis(port, ['config', 'get', 'cluster-port']);
    const busPort = bus.split('\n').at(-1) ?? '';
    await expectOk(first?.port ?? 0, ['cluster', 'meet', '127.0.0.1', String(port), busPort]);
  }
  const ids = await Promise.all(masters.map(({ port }) => askRedis(port, ['cluster', 'myid'])));
  for (const [index, { port }] of nodes.slice(MASTERS).entries()) {
    const replicate = ['cluster', 'replicate', ids[index] ?? ''];
    // Refused until this node has heard of that one.
    await waitUntil('the meeting', async () => (await askRedis(port, replicate)) === 'OK');
  }
}

async function beginMigration(
  slot: number,
  from: TestServer,
  to: TestServer,
): Promise<SlotMigration> {
  const setSlot = ['cluster', 'setslot', String(slot)];
  const [source, target] = await Promise.all(
    [from, to].map(({ port }) => askRedis(port, ['cluster', 'myid'])),
  );
  await expectOk(to.port, [...setSlot, 'importing', source ?? '']);
  await expectOk(from.port, [...setSlot, 'migrating', target ?? '']);
  return {
    to,
    async moveKeys() {
      const keys = await askRedis(from.port, ['cluster', 'getkeysinslot', String(slot), '1000']);
      if (keys === '') return;
      const address = ['127.0.0.1', String(to.port), '', '0', '5000'];
      await expectOk(from.port, ['migrate', ...address, 'keys', ...keys.split('\n')]);
    },
    async finish() {
      // The new master first: the other one would send clients to a node that sends them back.
      for (const { port } of [to, from]) await expectOk(port, [...setSlot, 'node', target ?? '']);
    },
  };
}

async function expectOk(port: number, command: readonly string[]): Promise<void> {
  const answer = await askRedis(port, command);
  if (answer !== 'OK') throw new Error(`${command.join(' ')} was answered ${answer}`);
}

interface Member {
  readonly port: number;
  readonly isMaster: boolean;
  readonly isGone: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** The members by the first node that answers. */
async function membersSeenBy(nodes: readonly TestServer[]): Promise<readonly Member[]> {
  for (const { port } of nodes) {
    const text = await askRedis(port, ['cluster', 'nodes']);
    if (text !== '') return text.split('\n').map(parseMember);
  }
  return [];
}

/** `<id> <ip:port@bus> <flags> <master> <ping> <pong> <epoch> <link> <slots> …` */
function parseMember(line: string): Member {
  const [, address = '', flags = '', , , , , , ...slots] = line.split(' ');
  return {
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    isMaster: flags.split(',').includes('master'),
    isGone: flags.includes('fail'),
    ranges: slots
      .filter((slot) => /^\d/.test(slot))
      .map((slot) => {
        const [from = 0, to = from] = slot.split('-').map(Number);
        return [from, to];
      }),
  };
}

async function isSettled(nodes: readonly TestServer[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(({ port }) => askRedis(port, ['cluster', 'info'])));
  if (!states.every((state) => state.includes('cluster_state:ok'))) return false;
  const roles = await Promise.all(nodes.map(({ port }) => askRedis(port, ['info', 'replication'])));
  const masters = roles.filter((role) => role.includes('role:master'));
  return (
    masters.length === MASTERS &&
    masters.every((role) => /connected_slaves:1\b/.test(role) && role.includes('state=online')) &&
    roles
      .filter((role) => role.includes('role:slave'))
      .every((role) => role.includes('master_link_status:up'))
  );
}
