import type { RedisClient, RedisNode } from './client.js';
import type { ReplicaOptions } from './options.js';
import { replyCode } from './redis-error.js';
import type { Arg, Script } from './scripts/script.js';

/** NOSCRIPT, MOVED and ASK may follow each other in any order before the script runs. */
const MAX_RUNS = 4;

/** Where and in which form a script is sent. */
interface Target {
  readonly node: Pick<RedisNode, 'pipeline'>;
  /** The slot is moving to this node, which accepts a command for it only after ASKING. */
  readonly isAsking: boolean;
  /** The node does not know the script by its hash. */
  readonly needsText: boolean;
}

/**
 * Runs a script and waits for the replicas of the server that ran it. Rejects when too few have acknowledged it.
 * Redirections are followed here: ioredis would send WAIT to whichever server it chooses.
 */
export async function runReplicated(
  client: RedisClient,
  script: Script,
  args: readonly Arg[],
  replicas: ReplicaOptions,
): Promise<unknown> {
  let target: Target | undefined = { node: client, isAsking: false, needsText: false };
  let failure: unknown;
  for (let run = 0; target !== undefined && run < MAX_RUNS; run += 1) {
    try {
      return await runOn(target, script, args, replicas);
    } catch (error) {
      failure = error;
      target = targetAfter(error, target, client);
    }
  }
  throw failure;
}

async function runOn(
  { node, isAsking, needsText }: Target,
  script: Script,
  args: readonly Arg[],
  { count, timeoutMs }: ReplicaOptions,
): Promise<unknown> {
  const step = needsText ? ['eval', script.text, ...args] : ['evalsha', script.sha, ...args];
  const commands = [...(isAsking ? [['asking']] : []), step, ['wait', count, timeoutMs]];
  const replies = (await node.pipeline(commands).exec()) ?? [];
  const [done, waited] = replies.slice(-2);
  if (done === undefined || waited === undefined) throw new Error('no reply');
  const error = done[0] ?? waited[0];
  if (error !== null) throw error;
  if (Number(waited[1]) < count) throw new Error(`fewer than ${count} replicas answered in time`);
  return done[1];
}

/** Undefined unless the error proves that the script has not run, so that sending it again is no repeat. */
function targetAfter(error: unknown, target: Target, client: RedisClient): Target | undefined {
  const code = replyCode(error);
  if (code === 'NOSCRIPT') return { ...target, needsText: true };
  if (code !== 'ASK' && code !== 'MOVED') return undefined;
  const node = nodeNamedBy(error, client);
  return node && { ...target, node, isAsking: code === 'ASK' };
}

/** Finds the node of `ASK 3999 127.0.0.1:6381` or `MOVED 3999 127.0.0.1:6381`. */
function nodeNamedBy(error: unknown, client: RedisClient): RedisNode | undefined {
  const address = error instanceof Error ? error.message.split(' ')[2] : undefined;
  return client
    .nodes?.('master')
    .find(({ options }) => `${options?.host}:${options?.port}` === address);
}
