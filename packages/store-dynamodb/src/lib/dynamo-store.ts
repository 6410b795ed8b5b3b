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
import { Limits } from './limits/limits.js';
import { Tallies } from './limits/tallies.js';
import type { Moment } from './moment.js';
import { type DynamoStoreOptions, resolveOptions } from './options.js';
import { toOpenRecord } from './records/record-item.js';
import { Records } from './records/records.js';
import { createClientCheck } from './table/assert-client.js';
import { assertTable } from './table/assert-table.js';
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

  /** The record comes last: a crash in between leaves a limit charged, never a record unlimited. */
  async open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    // Not the id of the record: two calls with one id must each know what they have counted themselves.
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

  /** The first call also checks the table, which needs the permission `dynamodb:DescribeTable`. */
  async ping(): Promise<void> {
    if (!this.#isTableChecked) assertTable(await this.#table.describe(), this.#homeRegion);
    this.#isTableChecked = true;
    await this.#table.get('ping');
  }

  /** Does nothing: the host owns the client. */
  async close(): Promise<void> {}

  #at(op: string): Moment {
    return { now: this.#now(), op };
  }
}
