import { withTimeLimit } from '@otp/core/store';
import type { RedisClient } from './client.js';
import { warnOfEviction } from './eviction.js';
import type { RedisStoreConfig, ReplicaOptions } from './options.js';
import { RedisStoreError, replyCode, toStoreError } from './redis-error.js';
import { runReplicated } from './replicated.js';
import type { Arg, Script } from './scripts/script.js';

/** Runs steps on the server, each within the time limit. */
export class Server {
  readonly #config: RedisStoreConfig;
  #eviction: Promise<void> | undefined;

  constructor(config: RedisStoreConfig) {
    this.#config = config;
  }

  async run(script: Script, keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
    const client = this.#readyClient(script.step);
    const rest = [keys.length, ...keys, ...args];
    const reply = await this.#limit(script.step, () =>
      client.call('evalsha', script.sha, ...rest).catch((error: unknown) => {
        // Unknown after a restart, a fail-over or SCRIPT FLUSH. The script has not run, so this is no repeat.
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return client.call('eval', script.text, ...rest);
      }),
    );
    this.#eviction ??= this.#checkEviction();
    return reply;
  }

  /** Like `run`; rejects unless the replicas have acknowledged the step. */
  async runReplicated(
    script: Script,
    keys: readonly string[],
    args: readonly Arg[],
    replicas: ReplicaOptions,
  ): Promise<unknown> {
    const client = this.#readyClient(script.step);
    const rest = [keys.length, ...keys, ...args];
    return this.#limit(script.step, () => runReplicated(client, script, rest, replicas));
  }

  async delete(keys: readonly string[]): Promise<void> {
    const client = this.#readyClient('reset');
    await this.#limit('reset', () => client.call('del', ...keys));
  }

  async ping(): Promise<void> {
    const client = this.#readyClient('ping');
    await this.#limit('ping', () => client.call('ping'));
    this.#eviction ??= this.#checkEviction();
    await this.#eviction;
  }

  /** A cluster client keeps commands while it is disconnected, and would run them long after we have given them up. */
  #readyClient(step: string): RedisClient {
    const { client } = this.#config;
    const { status = 'ready' } = client;
    if (status === 'ready' || status === 'wait') return client;
    throw new RedisStoreError('NOT_CONNECTED', `Redis is not connected (${status}), at ${step}`);
  }

  async #checkEviction(): Promise<void> {
    const { client, onWarning } = this.#config;
    try {
      const run = (command: () => Promise<unknown>) => this.#limit('info', command);
      await warnOfEviction(client, { warn: onWarning, run });
    } catch {
      // The next step tries again.
      this.#eviction = undefined;
    }
  }

  async #limit<T>(step: string, work: () => Promise<T>): Promise<T> {
    try {
      return await withTimeLimit(`Redis ${step}`, this.#config.timeoutMs, work);
    } catch (error) {
      throw toStoreError(error, step);
    }
  }
}
