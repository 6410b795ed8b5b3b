import type { RedisClient } from './client.js';
import { withDeadline } from './deadline.js';
import { RedisStoreError, replyCode, toStoreError } from './errors.js';
import { warnOfEviction } from './eviction.js';
import type { RedisStoreConfig, ReplicaOptions } from './options.js';
import { runReplicated } from './replicated.js';
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
    replicas: ReplicaOptions,
  ): Promise<unknown> {
    const client = this.#readyClient(script.step);
    const rest = [keys.length, ...keys, ...args];
    return this.#limit(script.step, runReplicated(client, script, rest, replicas));
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
    try {
      await warnOfEviction(client, warn, (work) => this.#limit('info', work));
    } catch {
      // The next step asks again.
      this.#policy = undefined;
    }
  }

  async #limit<T>(step: string, work: Promise<T>): Promise<T> {
    try {
      return await withDeadline(step, this.#config.timeLimitMs, work);
    } catch (error) {
      throw toStoreError(error, step);
    }
  }
}
