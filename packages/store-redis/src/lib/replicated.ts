import type { RedisClient, RedisNode } from './client.js';
import { replyCode } from './errors.js';
import type { ReplicaOptions } from './options.js';
import type { Script } from './script.js';

type Arg = string | number;

/** NOSCRIPT, MOVED and ASK, one after another, in any order. */
const MOST_ANSWERS = 4;

/** How a step is sent. */
interface Way {
  readonly node: Pick<RedisNode, 'pipeline'>;
  /** The slot is on its way to this node, which takes no command of it without being told. */
  readonly isAsking: boolean;
  /** The server does not know it by its hash. */
  readonly isInFull: boolean;
}

/**
 * Runs a step and waits for the replicas of the server that ran it; rejects where too few have written it down.
 * A client follows no redirection for both at once, since WAIT goes to wherever it is sent.
 */
export async function runReplicated(
  client: RedisClient,
  script: Script,
  rest: readonly Arg[],
  replicas: ReplicaOptions,
): Promise<unknown> {
  let way: Way | undefined = { node: client, isAsking: false, isInFull: false };
  let answer: unknown;
  for (let answers = 0; way !== undefined && answers < MOST_ANSWERS; answers += 1) {
    try {
      return await runOn(way, script, rest, replicas);
    } catch (error) {
      answer = error;
      way = wayAfter(error, way, client);
    }
  }
  throw answer;
}

async function runOn(
  { node, isAsking, isInFull }: Way,
  script: Script,
  rest: readonly Arg[],
  { count, timeLimitMs }: ReplicaOptions,
): Promise<unknown> {
  const step = isInFull ? ['eval', script.text, ...rest] : ['evalsha', script.sha, ...rest];
  const commands = [...(isAsking ? [['asking']] : []), step, ['wait', count, timeLimitMs]];
  const replies = (await node.pipeline(commands).exec()) ?? [];
  const [done, waited] = replies.slice(-2);
  if (done === undefined || waited === undefined) throw new Error('no reply');
  const error = done[0] ?? waited[0];
  if (error !== null) throw error;
  if (Number(waited[1]) < count) throw new Error(`fewer than ${count} replicas answered in time`);
  return done[1];
}

/** Where an answer says that the step has not run, so that this is no repeat; undefined where there is no other way. */
function wayAfter(error: unknown, way: Way, client: RedisClient): Way | undefined {
  const code = replyCode(error);
  if (code === 'NOSCRIPT') return { ...way, isInFull: true };
  if (code !== 'ASK' && code !== 'MOVED') return undefined;
  const node = nodeNamedBy(error, client);
  return node && { ...way, node, isAsking: code === 'ASK' };
}

/** `ASK 3999 127.0.0.1:6381`, and the same with MOVED. */
function nodeNamedBy(error: unknown, client: RedisClient): RedisNode | undefined {
  const address = error instanceof Error ? error.message.split(' ')[2] : undefined;
  return client
    .nodes?.('master')
    .find(({ options }) => `${options?.host}:${options?.port}` === address);
}
