import {
  type Channel,
  type CheckReservation,
  type NewRecord,
  type Refused,
  toRefused,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import { type Change, type Expression, expr, nameOf, pathOf } from '../table/expression.js';
import { lostEveryRace, MAX_ROUNDS, type Table } from '../table/table.js';
import {
  guessesLeft,
  isLive,
  parseRecord,
  type RecordItem,
  recordKey,
  toBinding,
  toItem,
  toOpenRecord,
} from './record-item.js';

const GONE = { ok: false, why: 'gone' } as const;
const MISMATCH = { ok: false, why: 'mismatch' } as const;

/** For a call that can tell from the item whether it has taken effect. */
const REPEATABLE = { isRepeatable: true };

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
    const written = await this.#table.put(
      toItem(record, moment),
      expr`attribute_not_exists(pk) OR endsAt <= ${moment.now}`,
    );
    // The first try of this call has written it, and its answer was lost.
    return written.ok || parseRecord(await written.current())?.openedBy === moment.op;
  }

  /** Deletes what `insert` of this `op` has written. */
  async remove(id: string, op: string): Promise<void> {
    await this.#table.delete(recordKey(id), [expr`openedBy = ${op}`], REPEATABLE);
  }

  async lowerGuesses(id: string, maxGuesses: number): Promise<void> {
    const change = { when: [expr`attribute_exists(pk)`], set: [expr`maxGuesses = ${maxGuesses}`] };
    await this.#table.update(recordKey(id), change, REPEATABLE);
  }

  async read(id: string): Promise<RecordItem | undefined> {
    return parseRecord(await this.#table.get(recordKey(id)));
  }

  async reserveCheck(
    id: string,
    binding: string | null,
    { op, now }: Moment,
  ): Promise<CheckReservation> {
    const change = guessChange(binding, { op, now });
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const written = await this.#table.update(recordKey(id), change, REPEATABLE);
      const record = parseRecord(written.ok ? written.item : await written.current());
      if (record === undefined || !isLive(record, now)) return GONE;
      const guess = record.guesses.indexOf(op) + 1;
      if (!written.ok && guess === 0 && guessesLeft(record) === 0) return GONE;
      if (record.binding !== binding) return MISMATCH;
      if (guess > 0) {
        const left = record.maxGuesses - guess;
        return { ok: true, record: toOpenRecord(record), guessesLeft: left };
      }
    }
    throw lostEveryRace('verification');
  }

  async reserveSend(
    id: string,
    { op, now }: Moment,
  ): Promise<NumberedSend | typeof GONE | Refused> {
    // Most often it is the second send. If it is not, the write returns the record.
    let change = sendChange({ sends: 1, lastSend: 1 }, { op, now });
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const written = await this.#table.update(recordKey(id), change, REPEATABLE);
      const record = parseRecord(written.ok ? written.item : await written.current());
      if (record === undefined || !isLive(record, now)) return GONE;
      const known = record.sendOps.get(op);
      if (known !== undefined) {
        const isRepeat = !written.ok && !written.isRepeated;
        return { ok: true, record, send: known, isRepeat };
      }
      const { sends, maxSends, nextSendAt, endsAt } = record;
      if (guessesLeft(record) === 0) return GONE;
      if (sends >= maxSends) return toRefused('sends', endsAt - now);
      if (nextSendAt > now) return toRefused('interval', nextSendAt - now);
      change = sendChange(record, { op, now });
    }
    throw lostEveryRace('verification');
  }

  /** Takes back a number that was returned to no caller. It is used again, unless a later send already has one. */
  async undoSend(id: string, send: number, now: number): Promise<void> {
    const key = recordKey(id);
    const written = await this.#table.update(key, {
      when: isLastSend(send),
      set: [
        LESS_SENDS,
        expr`lastSend = lastSend - ${1}`,
        expr`sendOpen = wasOpen`,
        // The gap before the send had passed.
        expr`nextSendAt = ${now}`,
      ],
      remove: [sendOp(send)],
    });
    if (written.ok) return;
    await this.#table.update(key, {
      when: [expr`lastSend > ${send}`, expr`attribute_exists(${sendOp(send)})`],
      set: [LESS_SENDS],
      remove: [sendOp(send)],
    });
  }

  /** Whether this call has undone the send. */
  async cancel(id: string, send: number, now: number): Promise<boolean> {
    const key = recordKey(id);
    const when = isLastSend(send);
    const written =
      send === 1
        ? await this.#table.delete(key, when)
        : await this.#table.update(key, {
            when,
            // The send was allowed at its time, and nothing has been sent since.
            set: [LESS_SENDS, expr`sendOpen = ${false}`, expr`nextSendAt = ${now}`],
            remove: [sendOp(send)],
          });
    return written.ok;
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    const change = { when: [expr`lastSend = ${send}`], set: [expr`channel = ${channel}`] };
    await this.#table.update(recordKey(id), change, REPEATABLE);
  }

  /** The claimed record, with whether it was claimed before by the same `op`; undefined if it is gone. */
  async claim(
    id: string,
    { op, now }: Moment,
  ): Promise<{ readonly record: RecordItem; readonly isRepeat: boolean } | undefined> {
    const change = {
      when: [expr`endsAt > ${now} AND attribute_not_exists(claimedBy)`],
      set: [expr`claimedBy = ${op}`],
    };
    const written = await this.#table.update(recordKey(id), change, REPEATABLE);
    const record = parseRecord(written.ok ? written.item : await written.current());
    if (record === undefined || record.endsAt <= now || record.claimedBy !== op) return undefined;
    return { record, isRepeat: !written.ok && !written.isRepeated };
  }
}

const LESS_SENDS = expr`sends = sends - ${1}`;

function sendOp(send: number): Expression {
  return expr`sendOps.${nameOf(`${send}`)}`;
}

function isLastSend(send: number): Expression[] {
  return [expr`lastSend = ${send} AND sendOpen = ${true}`];
}

function guessChange(binding: string | null, { op, now }: Moment): Change {
  const isSame =
    binding === null ? expr`attribute_not_exists(binding)` : expr`binding = ${toBinding(binding)}`;
  return {
    when: [...isUsable(now), isSame, expr`NOT contains(guesses, ${op})`],
    set: [expr`guesses = list_append(guesses, ${{ L: [{ S: op }] }})`],
  };
}

/** Of several sends reserved from the same numbers, one finds them unchanged. */
function sendChange(
  { sends, lastSend }: Pick<RecordItem, 'sends' | 'lastSend'>,
  { op, now }: Moment,
): Change {
  return {
    when: [
      ...isUsable(now),
      expr`sends = ${sends} AND lastSend = ${lastSend}`,
      expr`sends < maxSends AND nextSendAt <= ${now}`,
    ],
    set: [
      expr`sends = ${sends + 1}`,
      expr`lastSend = ${lastSend + 1}`,
      expr`wasOpen = sendOpen`,
      expr`sendOpen = ${true}`,
      expr`nextSendAt = ${now} + ${pathOf(`gapsMs[${sends}]`)}`,
      expr`${sendOp(lastSend + 1)} = ${op}`,
    ],
  };
}

function isUsable(now: number): Expression[] {
  return [
    expr`endsAt > ${now} AND attribute_not_exists(claimedBy)`,
    expr`size(guesses) < maxGuesses`,
  ];
}
