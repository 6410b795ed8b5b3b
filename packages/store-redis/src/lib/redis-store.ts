import { randomBytes } from 'node:crypto';
import type {
  Channel,
  CheckReservation,
  Limit,
  NewRecord,
  OtpStore,
  Refused,
  SendReservation,
  Tallied,
  Tally,
} from '@otp/core/store';
import { createKeys, type Keys } from './keys.js';
import { type RedisStoreConfig, type RedisStoreOptions, resolveOptions } from './options.js';
import {
  parseOpenRecord,
  parseRefused,
  parseReply,
  parseTallied,
  type Reply,
  STATUS,
} from './replies.js';
import { CHARGE, limitArg, REFUND } from './scripts/limit-scripts.js';
import {
  CANCEL,
  CLAIM,
  OPEN,
  RECORD_CHANNEL,
  RESERVE_CHECK,
  RESERVE_SEND,
  UNDO_SEND,
} from './scripts/record-scripts.js';
import type { Arg, Script } from './scripts/script.js';
import { TALLY, tallyArg } from './scripts/tally-script.js';
import { Server } from './server.js';
import { type RecordStep, settleTogether } from './settle-together.js';
import { Slots } from './slots.js';

/**
 * Creates a store that keeps verifications and limits in Redis. Expiry goes by the clock of the server. On one server,
 * also behind Sentinel, each verb is one script; in a cluster a verb that concerns several slots runs one script for
 * each slot.
 *
 * @param options the client and, if needed, prefix, time limit and replicas
 * @returns the store for `createOtpService`; it rejects with a `RedisStoreError`, and `close` leaves the client open
 * @throws TypeError when an option, or a setting of the client, must be different; the message says how
 * @example
 * const client = new Redis('redis://localhost:6379', redisOptions);
 * const store = createRedisStore({ client });
 */
export function createRedisStore(options: RedisStoreOptions): OtpStore {
  return new RedisStore(resolveOptions(options));
}

class RedisStore implements OtpStore {
  readonly #config: RedisStoreConfig;
  readonly #server: Server;
  readonly #keys: Keys;
  /** Undefined where one script reaches every key. */
  readonly #slots: Slots | undefined;

  constructor(config: RedisStoreConfig) {
    this.#config = config;
    this.#server = new Server(config);
    this.#keys = createKeys(config.prefix);
    this.#slots = config.client.isCluster ? new Slots(this.#server, this.#keys) : undefined;
  }

  open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    const { id, sealed, ttlSeconds, maxTries, maxSends, gapsSeconds } = record;
    const gaps = JSON.stringify(gapsSeconds);
    const args = [sealed, bindingArg(record.binding), ttlSeconds, maxTries, maxSends, gaps];
    const step = this.#step(OPEN, id, limits, args).then((reply) => ({
      result: toAdmission(reply, limits),
      undo: reply.status === STATUS.counted ? () => this.#step(CANCEL, id, [], [1]) : undefined,
    }));
    // An op of this call, not of the id: of two calls with one id, the one that opens keeps its charge, and the other takes
    // back its own.
    return this.#together(step, limits, randomBytes(12).toString('base64url'));
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    const args = [bindingArg(binding), op];
    const { status, rest } = parseReply(
      await this.#server.run(RESERVE_CHECK, [this.#keys.record(id)], args),
    );
    if (status === STATUS.mismatch) return { ok: false, why: 'mismatch' };
    if (status === STATUS.gone) return { ok: false, why: 'gone' };
    return { ok: true, record: parseOpenRecord(rest), triesLeft: Number(rest[3]) };
  }

  reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const step = this.#step(RESERVE_SEND, id, limits, [op]).then((reply) => ({
      result: toSendReservation(reply, limits),
      undo:
        reply.status === STATUS.counted
          ? () => this.#step(UNDO_SEND, id, [], [op, Number(reply.rest[4])])
          : undefined,
    }));
    return this.#together(step, limits, op);
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const { status } = await this.#step(CANCEL, id, refunds, [send]);
    if (status === STATUS.counted) await this.#slots?.refund(refunds);
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    await this.#server.run(RECORD_CHANNEL, [this.#keys.record(id)], [send, channel]);
  }

  async claim(id: string, op: string): Promise<boolean> {
    const keys = [this.#keys.record(id)];
    const { replicasAtClaim } = this.#config;
    const claimed =
      replicasAtClaim === undefined
        ? await this.#server.run(CLAIM, keys, [op])
        : await this.#server.runReplicated(CLAIM, keys, [op], replicasAtClaim);
    return Number(claimed) === 1;
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    if (limits.length === 0) return { ok: true };
    if (this.#slots === undefined) return this.#chargeAtOnce(limits, op);
    const nothing = Promise.resolve({ result: { ok: true } as const, undo: async () => undefined });
    return settleTogether(nothing, this.#slots.charge(limits, op));
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    if (limits.length === 0) return;
    if (this.#slots !== undefined) return this.#slots.refund(limits);
    await this.#server.run(REFUND, this.#limitKeys(limits), [limitArg(limits)]);
  }

  async tally(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    if (tallies.length === 0) return [];
    if (this.#slots === undefined) return this.#tallyAtOnce(tallies);
    return (await Promise.all(tallies.map((each) => this.#tallyAtOnce([each])))).flat();
  }

  async reset(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const names = keys.map((key) => this.#keys.limit(key));
    if (this.#slots === undefined) await this.#server.delete(names);
    else await Promise.all(names.map((name) => this.#server.delete([name])));
  }

  ping(): Promise<void> {
    return this.#server.ping();
  }

  /** Does nothing: the host owns the client. */
  async close(): Promise<void> {}

  async #chargeAtOnce(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    const reply = await this.#server.run(CHARGE, this.#limitKeys(limits), [limitArg(limits), op]);
    return toAdmission(parseReply(reply), limits);
  }

  async #tallyAtOnce(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    const keys = tallies.map(({ key }) => this.#keys.limit(key));
    return parseTallied(await this.#server.run(TALLY, keys, [tallyArg(tallies), DAY_SECONDS]));
  }

  /** Runs the script of a record, with the limits that the same script can reach. */
  async #step(
    script: Script,
    id: string,
    limits: readonly Limit[],
    args: readonly Arg[],
  ): Promise<Reply> {
    const within = this.#slots === undefined ? limits : [];
    const keys = [this.#keys.record(id), ...this.#limitKeys(within)];
    return parseReply(await this.#server.run(script, keys, [limitArg(within), ...args]));
  }

  /** Charges the limits that the script of the record cannot reach. */
  async #together<Result>(
    step: Promise<RecordStep<Result>>,
    limits: readonly Limit[],
    op: string,
  ): Promise<Result | Refused> {
    if (this.#slots === undefined || limits.length === 0) return (await step).result;
    return settleTogether(step, this.#slots.charge(limits, op));
  }

  #limitKeys(limits: readonly Limit[]): string[] {
    return limits.map(({ key }) => this.#keys.limit(key));
  }
}

const DAY_SECONDS = 86_400;

/** Tells the null of the standalone flow from an empty string. */
function bindingArg(binding: string | null): string {
  return binding === null ? '' : `=${binding}`;
}

function toAdmission({ status, rest }: Reply, limits: readonly Limit[]): { ok: true } | Refused {
  return status === STATUS.refused ? parseRefused(rest, limits) : { ok: true };
}

function toSendReservation({ status, rest }: Reply, limits: readonly Limit[]): SendReservation {
  if (status === STATUS.gone) return { ok: false, why: 'gone' };
  if (status === STATUS.refused) return parseRefused(rest, limits);
  return { ok: true, record: parseOpenRecord(rest), send: Number(rest[3]) };
}
