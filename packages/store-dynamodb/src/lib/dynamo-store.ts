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
import { assertTable, createReadiness } from './assert-table.js';
import type { Moment } from './charge-change.js';
import { Limits } from './limits.js';
import { type DynamoStoreOptions, resolveOptions } from './options.js';
import { toOpenRecord } from './record-item.js';
import { Records } from './records.js';
import { Table } from './table.js';
import { Tallies } from './tallies.js';

/**
 * Keeps verifications and limits in one table of DynamoDB, by conditional writes of single items and consistent reads.
 * Time is the clock of this process.
 * @throws TypeError when an option is not right.
 */
export function createDynamoStore(options: DynamoStoreOptions): OtpStore {
  const { client, table: name, homeRegion, operationTimeoutMs, now } = resolveOptions(options);
  const ready = createReadiness(client, homeRegion);
  const table = new Table({ client, name, timeoutMs: operationTimeoutMs, ready });
  return new DynamoStore(table, now, homeRegion);
}

const OK = { ok: true } as const;

class DynamoStore implements OtpStore {
  readonly #table: Table;
  readonly #records: Records;
  readonly #limits: Limits;
  readonly #tallies: Tallies;
  readonly #now: () => number;
  readonly #homeRegion: string | undefined;
  #isChecked = false;

  constructor(table: Table, now: () => number, homeRegion: string | undefined) {
    this.#table = table;
    this.#records = new Records(table);
    this.#limits = new Limits(table);
    this.#tallies = new Tallies(table);
    this.#now = now;
    this.#homeRegion = homeRegion;
  }

  /** The record comes last: what ends in between leaves a limit charged, and never a record unlimited. */
  async open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    // Not the id: of two calls with one id each has to know what it has counted itself.
    const moment = this.#at(randomBytes(12).toString('base64url'));
    const charged = await this.#limits.charge(limits, moment);
    if (!charged.ok) {
      return (await this.#records.exists(record.id, moment.now)) ? OK : charged;
    }
    if (!(await this.#records.insert(record, moment))) {
      await this.#limits.undo(charged.counted, moment);
    }
    return OK;
  }

  reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    return this.#records.reserveCheck(id, binding, this.#at(op));
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const moment = this.#at(op);
    const reserved = await this.#records.reserveSend(id, moment);
    if (!reserved.ok) return reserved;
    if (!reserved.isRepeat) {
      const charged = await this.#limits.charge(limits, moment).catch(async (error) => {
        await this.#records.undoSend(id, reserved).catch(() => {});
        throw error;
      });
      if (!charged.ok) {
        await this.#records.undoSend(id, reserved);
        return charged;
      }
    }
    const { record, send } = reserved;
    return { ok: true, record: toOpenRecord(record, moment.now), send };
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const now = this.#now();
    if (await this.#records.cancel(id, send, now)) await this.#limits.refund(refunds, now);
  }

  recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    return this.#records.recordChannel(id, send, channel);
  }

  claim(id: string, op: string): Promise<boolean> {
    return this.#records.claim(id, this.#at(op));
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    const charged = await this.#limits.charge(limits, this.#at(op));
    return charged.ok ? OK : charged;
  }

  refund(limits: readonly Limit[]): Promise<void> {
    return this.#limits.refund(limits, this.#now());
  }

  tally(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    const now = this.#now();
    return Promise.all(tallies.map((each) => this.#tallies.tally(each, now)));
  }

  reset(keys: readonly string[]): Promise<void> {
    return this.#limits.reset(keys);
  }

  /** The first time, it also looks at what the table is: that takes `dynamodb:DescribeTable`. */
  async ping(): Promise<void> {
    if (!this.#isChecked) assertTable(await this.#table.describe(), this.#homeRegion);
    this.#isChecked = true;
    await this.#table.get('ping');
  }

  /** The client is the host's. */
  async close(): Promise<void> {}

  #at(op: string): Moment {
    return { now: this.#now(), op };
  }
}
