import { randomBytes } from 'node:crypto';
import {
  type CheckReservation,
  type Completed,
  type Completion,
  type Guess,
  giveBackCreate,
  giveBackGuess,
  type Limit,
  type NewRecord,
  type Opened,
  type OtpStore,
  type RecordStatus,
  type Refused,
  refundEvent,
  refusalOfOther,
  type SendReservation,
  type SentMessage,
  type Tally,
} from '@otp/core/store';
import { parseCounter } from './limits/counter-item.js';
import { type Charged, Limits } from './limits/limits.js';
import { Tallies } from './limits/tallies.js';
import type { Moment } from './moment.js';
import { type DynamoStoreOptions, resolveOptions } from './options.js';
import { guessesLeft, isLive, toOpenRecord } from './records/record-item.js';
import { Records } from './records/records.js';
import { createClientCheck } from './table/assert-client.js';
import { assertTable } from './table/assert-table.js';
import type { Item } from './table/attributes.js';
import { Table } from './table/table.js';

/**
 * Creates a store that keeps verifications and limits in one table of DynamoDB, by conditional writes of single items
 * and consistent reads. Expiry goes by the clock of this process.
 *
 * @param options the client, the table and, if needed, home region, time limit and clock
 * @returns the store for `createOtpService`; it rejects with a `DynamoStoreError`, and `close` leaves the client open
 * @throws TypeError for a wrong option; the message says what to write
 * @example
 * const client = new DynamoDBClient({ maxAttempts: 1 });
 * const store = createDynamoStore({ client, table: 'otp' });
 */
export function createDynamoStore(options: DynamoStoreOptions): OtpStore {
  const { client, table: name, homeRegion, timeoutMs, now } = resolveOptions(options);
  const ready = createClientCheck(client, homeRegion);
  const table = new Table({ client, name, timeoutMs, ready });
  return new DynamoStore(table, now, homeRegion);
}

const OK = { ok: true } as const;
const GONE = { ok: false, why: 'gone' } as const;
/** The key of no item. */
const PING = 'ping';

class DynamoStore implements OtpStore {
  readonly #table: Table;
  readonly #records: Records;
  readonly #limits: Limits;
  readonly #tallies: Tallies;
  readonly #now: () => number;
  readonly #homeRegion: string | undefined;
  #isTableChecked = false;

  constructor(table: Table, now: () => number, homeRegion: string | undefined) {
    this.#table = table;
    this.#records = new Records(table);
    this.#limits = new Limits(table);
    this.#tallies = new Tallies(table);
    this.#now = now;
    this.#homeRegion = homeRegion;
  }

  /** Writes the record while the limits are charged: nobody has the cookie before this call resolves. */
  async open(
    record: NewRecord,
    limits: readonly Limit[],
    tallies: readonly Tally[],
  ): Promise<Opened | Refused> {
    // Not the id of the record: two calls with one id must each know what they have counted themselves.
    const moment = this.#at(randomBytes(12).toString('base64url'));
    const inserted = this.#records.insert(record, moment);
    const beside = Promise.all([
      inserted,
      Promise.all(tallies.map((each) => this.#tallies.read(each))),
      this.#failuresBeside(record, limits),
    ]);
    // Awaited below, or of no use any more.
    beside.catch(() => {});
    const remove = async () => {
      await inserted.catch(() => {});
      await this.#records.remove(record.id, moment.op);
    };
    const charged = await this.#limits.charge(limits, moment, remove);
    if (!charged.ok) {
      const [isNew, tallied] = await beside;
      return isNew ? charged : { ok: true, tallied };
    }
    try {
      const [isNew, tallied, failures] = await beside;
      if (isNew)
        await this.#lowerGuesses(record, failures ?? itemOf(record, charged.charged), moment);
      else await this.#limits.undo(charged.charged, moment);
      return { ok: true, tallied };
    } catch (error) {
      const undone = remove().then(() => this.#limits.undo(charged.charged, moment));
      await undone.catch(() => {});
      throw error;
    }
  }

  async read(id: string): Promise<RecordStatus | undefined> {
    const now = this.#now();
    const record = await this.#records.read(id);
    if (record === undefined || !isLive(record, now) || guessesLeft(record) === 0) return undefined;
    return {
      ...toOpenRecord(record),
      guessesLeft: guessesLeft(record),
      sendsLeft: record.maxSends - record.sends,
      nextSendMs: Math.max(0, record.nextSendAt - now),
    };
  }

  async reserveCheck(
    id: string,
    { binding, token, limits, op }: Guess,
  ): Promise<CheckReservation | Refused> {
    const moment = this.#at(op);
    const reserved = await this.#records.reserveCheck(id, binding, moment);
    if (!reserved.ok) return reserved;
    const used = token && this.#refusalOfToken(token, id, moment.now);
    used?.catch(() => {});
    const charged = await this.#limits.charge(limits, moment);
    const refused = await used;
    if (refused === undefined) return charged.ok ? reserved : charged;
    if (charged.ok) await this.#limits.undo(charged.charged, moment);
    return (await this.#isLive(id, moment.now)) ? refused : GONE;
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const moment = this.#at(op);
    const reserved = await this.#records.reserveSend(id, moment);
    if (!reserved.ok) return reserved;
    const { record, send, isRepeat } = reserved;
    if (!isRepeat) {
      const undo = () => this.#records.undoSend(id, send, moment.now);
      const charged = await this.#limits.charge(limits, moment, undo);
      if (!charged.ok) return charged;
    }
    return { ok: true, record: toOpenRecord(record), send };
  }

  async recordSend(id: string, send: number, { channel, tallies }: SentMessage): Promise<void> {
    const now = this.#now();
    await Promise.all([
      channel && this.#records.recordChannel(id, send, channel),
      ...tallies.map((each) => this.#tallies.countSent(each, now)),
    ]);
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const now = this.#now();
    if (!(await this.#records.cancel(id, send, now))) return;
    await this.#limits.giveBack(refunds, now, (counter) => refundEvent(counter, now));
  }

  async complete(id: string, completion: Completion): Promise<Completed> {
    const { op, token } = completion;
    const moment = this.#at(op);
    if (token !== undefined) {
      // With the id: another claim of this verification passes.
      const marked = await this.#limits.charge([token], { ...moment, op: id });
      if (!marked.ok) {
        return { ok: false, why: (await this.#isLive(id, moment.now)) ? 'token_used' : 'gone' };
      }
    }
    const claimed = await this.#records.claim(id, moment);
    if (claimed === undefined) return GONE;
    if (claimed.isRepeat) return OK;
    const settled = this.#giveBack(completion, {
      openedAt: claimed.record.openedAt,
      now: moment.now,
    });
    // The caller may not await it.
    settled.catch(() => {});
    return { ok: true, settled };
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    const charged = await this.#limits.charge(limits, this.#at(op));
    return charged.ok ? OK : charged;
  }

  reset(keys: readonly string[]): Promise<void> {
    return this.#limits.reset(keys);
  }

  /** The first call also checks the table, which needs the permission `dynamodb:DescribeTable`, and the permissions. */
  async ping(): Promise<void> {
    if (!this.#isTableChecked) {
      assertTable(await this.#table.describe(), this.#homeRegion);
      await this.#table.checkPermissions(PING);
    }
    this.#isTableChecked = true;
    await this.#table.get(PING);
  }

  /** Does nothing: the host owns the client. */
  async close(): Promise<void> {}

  /** The counter of `fewerGuesses`, unless the charge returns it. */
  async #failuresBeside(
    { fewerGuesses }: NewRecord,
    limits: readonly Limit[],
  ): Promise<Item | undefined> {
    if (fewerGuesses === undefined) return undefined;
    if (limits.some(({ key }) => key === fewerGuesses.key)) return undefined;
    return this.#limits.get(fewerGuesses.key);
  }

  async #lowerGuesses(
    { id, fewerGuesses }: NewRecord,
    failures: Item | undefined,
    { now }: Moment,
  ): Promise<void> {
    if (fewerGuesses === undefined) return;
    const [window] = parseCounter(failures, { windows: [0] }).windows;
    if (window === undefined || window.endsAt <= now || window.count < fewerGuesses.from) return;
    await this.#records.lowerGuesses(id, fewerGuesses.maxGuesses);
  }

  async #refusalOfToken(token: Limit, id: string, now: number): Promise<Refused | undefined> {
    const counter = parseCounter(await this.#limits.get(token.key), token);
    return refusalOfOther(counter, token, { op: id, now });
  }

  async #isLive(id: string, now: number): Promise<boolean> {
    const record = await this.#records.read(id);
    return record !== undefined && isLive(record, now);
  }

  async #giveBack(
    { guess, create, reset, tallies }: Completion,
    times: { readonly openedAt: number; readonly now: number },
  ): Promise<void> {
    const { now } = times;
    const outcomes = await Promise.allSettled([
      this.#limits.giveBack(guess, now, (counter) => giveBackGuess(counter, now)),
      this.#limits.giveBack(create, now, (counter, limit) => giveBackCreate(counter, limit, times)),
      this.#limits.forget(reset),
      ...tallies.map((each) => this.#tallies.countVerified(each)),
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #at(op: string): Moment {
    return { now: this.#now(), op };
  }
}

function itemOf({ fewerGuesses }: NewRecord, charged: readonly Charged[]): Item | undefined {
  return charged.find(({ key }) => key === fewerGuesses?.key)?.item;
}
