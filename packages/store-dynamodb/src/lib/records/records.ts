import {
  type Channel,
  type CheckReservation,
  gapMsAfter,
  type NewRecord,
  type Refused,
  toRefused,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import { toNumberValue, toStringValue } from '../table/attributes.js';
import { type Change, lostEveryRace, MAX_ROUNDS, type Table } from '../table/table.js';
import {
  parseRecord,
  type RecordItem,
  recordKey,
  toBinding,
  toItem,
  toOpenRecord,
} from './record-item.js';

const GONE = { ok: false, why: 'gone' } as const;
const MISMATCH = { ok: false, why: 'mismatch' } as const;

const IS_LIVE = 'endsAt > :now AND attribute_not_exists(claimedBy)';
const HAS_TRIES = 'size(tries) < maxTries';

/** A send that was counted by this call, or earlier by the same `op`. */
export interface NumberedSend {
  readonly ok: true;
  readonly record: RecordItem;
  readonly send: number;
  readonly isRepeat: boolean;
}

/** The verifications: one item each, and each verb one conditional write of it. */
export class Records {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Whether this call has written the item, and not an earlier call. */
  async insert(record: NewRecord, moment: Moment): Promise<boolean> {
    const written = await this.#table.put(toItem(record, moment), {
      condition: 'attribute_not_exists(pk) OR endsAt <= :now',
      values: { ':now': toNumberValue(moment.now) },
    });
    // The first try of this call has written it, and its answer was lost.
    return written.ok || parseRecord(await written.current())?.openedBy === moment.op;
  }

  async exists(id: string, now: number): Promise<boolean> {
    const record = await this.#read(id);
    return record !== undefined && record.endsAt > now;
  }

  async reserveCheck(
    id: string,
    binding: string | null,
    { op, now }: Moment,
  ): Promise<CheckReservation> {
    const change = tryChange(binding, { op, now });
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const written = await this.#table.update(recordKey(id), change);
      const record = parseRecord(written.ok ? written.item : await written.current());
      if (record === undefined || record.endsAt <= now) return GONE;
      const tries = record.tries.indexOf(op) + 1;
      if (!written.ok) {
        if (record.claimedBy !== undefined) return GONE;
        if (tries === 0 && record.tries.length >= record.maxTries) return GONE;
        if (record.binding !== binding) return MISMATCH;
      }
      if (tries > 0) {
        const triesLeft = record.maxTries - tries;
        return { ok: true, record: toOpenRecord(record, now), triesLeft };
      }
    }
    throw lostEveryRace('verification');
  }

  async reserveSend(
    id: string,
    { op, now }: Moment,
  ): Promise<NumberedSend | typeof GONE | Refused> {
    let record = await this.#read(id);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (record === undefined || isOver(record, now)) return GONE;
      const known = record.sendOps.get(op);
      if (known !== undefined) return { ok: true, record, send: known, isRepeat: true };
      const { sends, maxSends, nextSendAt, endsAt } = record;
      if (sends >= maxSends) return toRefused('sends', endsAt - now);
      if (nextSendAt > now) return toRefused('interval', nextSendAt - now);
      const written = await this.#table.update(recordKey(id), sendChange(record, { op, now }));
      if (written.ok) return { ok: true, record, send: record.lastSend + 1, isRepeat: false };
      record = parseRecord(await written.current());
    }
    throw lostEveryRace('verification');
  }

  /** Takes back a number that was returned to no caller. It is used again, unless a later send already has one. */
  async undoSend(id: string, { record, send }: NumberedSend): Promise<void> {
    const key = recordKey(id);
    const names = { '#send': String(send) };
    const written = await this.#table.update(key, {
      condition: 'lastSend = :send AND sendOpen = :true',
      update:
        'SET sends = sends - :one, lastSend = lastSend - :one, sendOpen = :open, nextSendAt = :next REMOVE sendOps.#send',
      values: {
        ':send': toNumberValue(send),
        ':true': { BOOL: true },
        ':one': toNumberValue(1),
        ':open': { BOOL: record.sendOpen },
        ':next': toNumberValue(record.nextSendAt),
      },
      names,
    });
    if (written.ok) return;
    await this.#table.update(key, {
      condition: 'lastSend > :send AND attribute_exists(sendOps.#send)',
      update: 'SET sends = sends - :one REMOVE sendOps.#send',
      values: { ':send': toNumberValue(send), ':one': toNumberValue(1) },
      names,
    });
  }

  /** Whether this call has undone the send. */
  async cancel(id: string, send: number, now: number): Promise<boolean> {
    const key = recordKey(id);
    const condition = 'lastSend = :send AND sendOpen = :true';
    const values = { ':send': toNumberValue(send), ':true': { BOOL: true } };
    if (send === 1) return (await this.#table.deleteIf(key, { condition, values })).ok;
    const written = await this.#table.update(key, {
      condition,
      // The send was allowed at its time, and nothing has been sent since.
      update: 'SET sends = sends - :one, sendOpen = :false, nextSendAt = :now REMOVE sendOps.#send',
      values: {
        ...values,
        ':one': toNumberValue(1),
        ':false': { BOOL: false },
        ':now': toNumberValue(now),
      },
      names: { '#send': String(send) },
    });
    return written.ok;
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    await this.#table.update(recordKey(id), {
      condition: 'lastSend = :send',
      update: 'SET channel = :channel',
      values: { ':send': toNumberValue(send), ':channel': toStringValue(channel) },
      isRepeatable: true,
    });
  }

  async claim(id: string, { op, now }: Moment): Promise<boolean> {
    const written = await this.#table.update(recordKey(id), {
      condition: 'endsAt > :now AND (attribute_not_exists(claimedBy) OR claimedBy = :op)',
      update: 'SET claimedBy = :op',
      values: { ':now': toNumberValue(now), ':op': toStringValue(op) },
      isRepeatable: true,
    });
    return written.ok;
  }

  async #read(id: string): Promise<RecordItem | undefined> {
    return parseRecord(await this.#table.get(recordKey(id)));
  }
}

function isOver({ endsAt, claimedBy, tries, maxTries }: RecordItem, now: number): boolean {
  return endsAt <= now || claimedBy !== undefined || tries.length >= maxTries;
}

function tryChange(binding: string | null, { op, now }: Moment): Change {
  const isSame = binding === null ? 'attribute_not_exists(binding)' : 'binding = :binding';
  return {
    condition: `${IS_LIVE} AND ${HAS_TRIES} AND ${isSame} AND NOT contains(tries, :op)`,
    update: 'SET tries = list_append(tries, :ops)',
    values: {
      ':now': toNumberValue(now),
      ':op': toStringValue(op),
      ':ops': { L: [toStringValue(op)] },
      ...(binding === null ? {} : { ':binding': toStringValue(toBinding(binding)) }),
    },
    isRepeatable: true,
  };
}

/** Of several sends reserved from the same read, one finds the numbers unchanged. */
function sendChange(record: RecordItem, { op, now }: Moment): Change {
  const { sends, lastSend, gapsSeconds } = record;
  return {
    condition: `${IS_LIVE} AND ${HAS_TRIES} AND sends = :sends AND lastSend = :last`,
    update:
      'SET sends = :sends + :one, lastSend = :next, sendOpen = :true, nextSendAt = :at, sendOps.#send = :op',
    values: {
      ':now': toNumberValue(now),
      ':sends': toNumberValue(sends),
      ':last': toNumberValue(lastSend),
      ':one': toNumberValue(1),
      ':next': toNumberValue(lastSend + 1),
      ':true': { BOOL: true },
      ':at': toNumberValue(now + gapMsAfter(gapsSeconds, sends + 1)),
      ':op': toStringValue(op),
    },
    names: { '#send': String(lastSend + 1) },
    isRepeatable: true,
  };
}
