import { setTimeout as sleep } from 'node:timers/promises';
import { TimeLimitError, withTimeLimit } from '@otp/core/store';
import { warnOfEviction } from './eviction.js';
import { createKeys, type Keys } from './keys.js';
import type { RedisStoreConfig } from './options.js';
import { RedisStoreError, replyCode, toStoreError } from './redis-error.js';
import { parseReply, type Reply } from './replies.js';
import { SCRIPT } from './scripts/script.js';
import type { Step, Work } from './steps.js';

/** After which a client that was not ready is looked at again. */
const RETRY_MS = 20;

/** Errors of ioredis and node-redis for a command that they have not sent. */
const UNSENT = /isn't writeable|isn't ready|client is (?:offline|closed)/;

/** Errors of a server that has not run the command, and may soon. */
const NOT_YET: ReadonlySet<string | undefined> = new Set(['LOADING', 'CLUSTERDOWN', 'TRYAGAIN']);

/** Verbs that see at the record that their effects have followed. */
const GUARDED: ReadonlySet<string> = new Set(['cancel', 'complete']);
/** Effects that change nothing when they follow twice. */
const HARMLESS: ReadonlySet<unknown> = new Set(['countOf', 'judge', 'forget']);

/** What a verb is to do with the record, and with the keys that its script can reach. */
export interface Ask extends Work {
  /** Of the record. */
  readonly id?: string;
  readonly [argument: string]: unknown;
}

/** Runs steps on the server, each within the time limit. */
export class Server {
  readonly #config: RedisStoreConfig;
  readonly #keys: Keys;
  #eviction: Promise<void> | undefined;

  constructor(config: RedisStoreConfig) {
    this.#config = config;
    this.#keys = createKeys(config.prefix);
  }

  /** Runs the script for a verb: all of it on one node. */
  async run(verb: string, { id, limits = [], effects = [], fewer, ...args }: Ask): Promise<Reply> {
    const keys = id === undefined ? [] : [this.#keys.record(id)];
    const place = ({ key, args: rest }: Step) => {
      const name = this.#keys.counter(key);
      const known = keys.indexOf(name) + 1;
      return [known || keys.push(name), ...rest];
    };
    const ask = {
      verb,
      ...args,
      limits: limits.map(place),
      effects: effects.map(place),
      fewer: fewer && place(fewer),
    };
    const rest = [String(keys.length), ...keys, JSON.stringify(ask)];
    // The op, or the id, lets a repeat have the result of the first run.
    const isRepeatable =
      GUARDED.has(verb) || effects.every((effect) => HARMLESS.has(effect.args[0]));
    const reply = await this.#send(verb, isRepeatable, () => this.#evaluate(keys[0], rest));
    this.#eviction ??= this.#checkEviction();
    return parseReply(reply);
  }

  async ping(): Promise<void> {
    await this.run('ping', { id: 'ping' });
    await this.#eviction;
  }

  async #evaluate(key: string | undefined, rest: readonly string[]): Promise<unknown> {
    const { connection } = this.#config;
    try {
      return await connection.send(key, ['EVALSHA', SCRIPT.sha, ...rest]);
    } catch (error) {
      // Unknown after a restart, a fail-over or SCRIPT FLUSH. The script has not run, so this is no repeat.
      if (replyCode(error) !== 'NOSCRIPT') throw error;
      return connection.send(key, ['EVAL', SCRIPT.text, ...rest]);
    }
  }

  /** Waits until the client is connected, and sends again what it has not sent, or what may be sent again. */
  async #send<T>(step: string, isRepeatable: boolean, send: () => Promise<T>): Promise<T> {
    const { connection } = this.#config;
    let last: unknown;
    const repeat = async (signal: AbortSignal) => {
      while (!signal.aborted) {
        if (connection.isReady()) {
          try {
            return await send();
          } catch (error) {
            if (!isLost(error, isRepeatable)) throw error;
            last = error;
          }
        }
        if (connection.isEnded()) break;
        await sleep(RETRY_MS);
      }
      throw notConnected(step);
    };
    return this.#limit(step, repeat).catch((error: unknown) => {
      // Says more than that the time is up.
      throw NOT_YET.has(replyCode(last)) ? toStoreError(last, step) : error;
    });
  }

  async #checkEviction(): Promise<void> {
    const { connection, onWarning } = this.#config;
    try {
      const limit = (reply: Promise<unknown>) => this.#limit('info', () => reply);
      await warnOfEviction(connection, { warn: onWarning, limit });
    } catch {
      // The next step tries again.
      this.#eviction = undefined;
    }
  }

  async #limit<T>(step: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { connection, timeoutMs } = this.#config;
    try {
      return await withTimeLimit(`Redis ${step}`, timeoutMs, work);
    } catch (error) {
      const isTooLate = error instanceof TimeLimitError && !connection.isReady();
      throw isTooLate ? notConnected(step) : toStoreError(error, step);
    }
  }
}

function notConnected(step: string): RedisStoreError {
  return new RedisStoreError('NOT_CONNECTED', `Redis is not connected, at ${step}`);
}

/** Whether a command that failed may be sent again: it was not sent, or its repeat has the result of the first run. */
function isLost(error: unknown, isRepeatable: boolean): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false;
  const code = replyCode(error);
  return UNSENT.test(error.message) || NOT_YET.has(code) || (isRepeatable && code === undefined);
}
