import type { RedisClient, RedisPipeline } from './client.js';
import { withDeadline } from './deadline.js';
import { RedisStoreError, replyCode, toStoreError } from './errors.js';
import { warnOfEviction } from './eviction.js';
import type { RedisStoreConfig } from './options.js';
import type { Script } from './script.js';

type Arg = string | number;

/** Runs steps on the server, each within the time limit. */
export class Server {
  readonly #config: RedisStoreConfig;
  #policy: Promise<void> | undefined;

  constructor(config: RedisStoreConfig) {
    this.#config = config;
  }

  async run(script: Script, keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
    const client = this.#readyClient(script.step);
    const rest = [keys.length, ...keys, ...args];
    const reply = await this.#limit(
      script.step,
      client.call('evalsha', script.sha, ...rest).catch((error: unknown) => {
        // Unknown after a restart, a fail-over or SCRIPT FLUSH. It has not run, so this is no repeat.
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return client.call('eval', script.text, ...rest);
      }),
    );
    this.#policy ??= this.#checkPolicy();
    return reply;
  }

  /** As `run`; rejects unless the replicas have written down what the step did. */
  async runReplicated(
    script: Script,
    keys: readonly string[],
    args: readonly Arg[],
    { count, timeLimitMs }: { readonly count: number; readonly timeLimitMs: number },
  ): Promise<unknown> {
    const client = this.#readyClient(script.step);
    const rest = [keys.length, ...keys, ...args];
    const wait = ['wait', count, timeLimitMs];
    const read = (pipeline: RedisPipeline) => pipeline.exec().then(assertReplicated(count));
    return this.#limit(
      script.step,
      read(client.pipeline([['evalsha', script.sha, ...rest], wait])).catch((error: unknown) => {
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return read(client.pipeline([['eval', script.text, ...rest], wait]));
      }),
    );
  }

  async forget(keys: readonly string[]): Promise<void> {
    await this.#limit('reset', this.#readyClient('reset').call('del', ...keys));
  }

  async ping(): Promise<void> {
    await this.#limit('ping', this.#readyClient('ping').call('ping'));
    this.#policy ??= this.#checkPolicy();
    await this.#policy;
  }

  /** A cluster keeps commands for as long as it is away; ours would have been given up long before they run. */
  #readyClient(step: string): RedisClient {
    const { client } = this.#config;
    const { status = 'ready' } = client;
    if (status === 'ready' || status === 'wait') return client;
    throw new RedisStoreError('NOT_CONNECTED', `Redis is not connected (${status}), at ${step}`);
  }

  async #checkPolicy(): Promise<void> {
    const { client, warn } = this.#config;
    await warnOfEviction(client, warn, (work) => this.#limit('info', work));
  }

  async #limit<T>(step: string, work: Promise<T>): Promise<T> {
    try {
      return await withDeadline(step, this.#config.timeLimitMs, work);
    } catch (error) {
      throw toStoreError(error, step);
    }
  }
}

function assertReplicated(count: number) {
  return (replies: Awaited<ReturnType<RedisPipeline['exec']>>): unknown => {
    const [done, waited] = replies ?? [];
    if (done === undefined || waited === undefined) throw new Error('no reply');
    const error = done[0] ?? waited[0];
    if (error !== null) throw error;
    if (Number(waited[1]) < count) throw new Error(`fewer than ${count} replicas answered in time`);
    return done[1];
  };
}
