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
import { CHARGE, REFUND } from './limit-scripts.js';
import { type RedisStoreConfig, type RedisStoreOptions, resolveOptions } from './options.js';
import {
  CANCEL,
  CLAIM,
  OPEN,
  RECORD_CHANNEL,
  RESERVE_CHECK,
  RESERVE_SEND,
  UNDO_SEND,
} from './record-scripts.js';
import { parseReply, type Reply, STATUS, toOpenRecord, toRefused, toTallied } from './replies.js';
import type { Script } from './script.js';
import { Server } from './server.js';
import { limitArg, type RecordStep, Slots, settleTogether } from './slots.js';
import { TALLY } from './tally-script.js';

/**
 * Keeps verifications and limits in Redis, where expiry goes by the server's clock. On one server (also behind
 * Sentinel) each verb is one script; in a cluster a verb that concerns several slots runs one script for each.
 * @throws TypeError for an option or a client's setting that says what to write instead.
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
      answer: toAdmission(reply, limits),
      undo: reply.status === STATUS.counted ? () => this.#step(CANCEL, id, [], [1]) : undefined,
    }));
    return this.#together(step, limits, id.slice(0, OP_LENGTH));
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    const args = [bindingArg(binding), op];
    const { status, rest } = parseReply(
      await this.#server.run(RESERVE_CHECK, [this.#keys.record(id)], args),
    );
    if (status === STATUS.mismatch) return { ok: false, why: 'mismatch' };
    if (status === STATUS.gone) return { ok: false, why: 'gone' };
    return { ok: true, record: toOpenRecord(rest), triesLeft: Number(rest[3]) };
  }

  reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const step = this.#step(RESERVE_SEND, id, limits, [op]).then((reply) => ({
      answer: toSendReservation(reply, limits),
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
    const told =
      replicasAtClaim === undefined
        ? await this.#server.run(CLAIM, keys, [op])
        : await this.#server.runReplicated(CLAIM, keys, [op], replicasAtClaim);
    return Number(told) === 1;
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    if (limits.length === 0) return { ok: true };
    if (this.#slots === undefined) return this.#chargeAtOnce(limits, op);
    const nothing = Promise.resolve({ answer: { ok: true } as const, undo: async () => undefined });
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
    if (this.#slots === undefined) await this.#server.forget(names);
    else await Promise.all(names.map((name) => this.#server.forget([name])));
  }

  ping(): Promise<void> {
    return this.#server.ping();
  }

  /** The client is the host's. */
  async close(): Promise<void> {}

  async #chargeAtOnce(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    const reply = await this.#server.run(CHARGE, this.#limitKeys(limits), [limitArg(limits), op]);
    return toAdmission(parseReply(reply), limits);
  }

  async #tallyAtOnce(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    const keys = tallies.map(({ key }) => this.#keys.limit(key));
    return toTallied(await this.#server.run(TALLY, keys, [tallyArg(tallies), DAY_SECONDS]));
  }

  /** What a verb does to its record, with the limits that the same script can reach. */
  async #step(
    script: Script,
    id: string,
    limits: readonly Limit[],
    args: readonly (string | number)[],
  ): Promise<Reply> {
    const within = this.#slots === undefined ? limits : [];
    const keys = [this.#keys.record(id), ...this.#limitKeys(within)];
    return parseReply(await this.#server.run(script, keys, [limitArg(within), ...args]));
  }

  /** The limits that it cannot reach are charged beside it. */
  async #together<Answer>(
    step: Promise<RecordStep<Answer>>,
    limits: readonly Limit[],
    op: string,
  ): Promise<Answer | Refused> {
    if (this.#slots === undefined || limits.length === 0) return (await step).answer;
    return settleTogether(step, this.#slots.charge(limits, op));
  }

  #limitKeys(limits: readonly Limit[]): string[] {
    return limits.map(({ key }) => this.#keys.limit(key));
  }
}

/** As long as those that core makes. */
const OP_LENGTH = 16;

const DAY_SECONDS = 86_400;

function tallyArg(tallies: readonly Tally[]): string {
  return JSON.stringify(
    tallies.map(({ at, sent, verified, until, enough }) => [at, sent, verified, until, enough]),
  );
}

/** The standalone flow's null and an empty text differ. */
function bindingArg(binding: string | null): string {
  return binding === null ? '' : `=${binding}`;
}

function toAdmission({ status, rest }: Reply, limits: readonly Limit[]): { ok: true } | Refused {
  return status === STATUS.refused ? toRefused(rest, limits) : { ok: true };
}

function toSendReservation({ status, rest }: Reply, limits: readonly Limit[]): SendReservation {
  if (status === STATUS.gone) return { ok: false, why: 'gone' };
  if (status === STATUS.refused) return toRefused(rest, limits);
  return { ok: true, record: toOpenRecord(rest), send: Number(rest[3]) };
}
