import type { Limit } from '@otp/core/store';
import { toNumber, toText } from './attributes.js';
import type { LimitItem } from './limit-item.js';
import type { Change } from './table.js';

/**
 * Gives back one event in every window that is open and has counted one; all of them, where nothing was seen yet.
 * The gap ends, because the event that is taken back had to wait for the one before.
 */
export function refundChange({ windows }: Limit, now: number, seen?: LimitItem): Change {
  const conditions: string[] = [];
  const updates: string[] = [];
  for (const place of windows.keys()) {
    const [count, end] = [`count${place}`, `end${place}`];
    if (seen === undefined || canGiveBack(seen, place, now)) {
      conditions.push(`${end} > :now AND ${count} > :zero`);
      updates.push(`${count} = ${count} - :one`);
    } else {
      conditions.push(`(attribute_not_exists(${end}) OR ${end} <= :now OR ${count} <= :zero)`);
    }
  }
  return {
    condition: conditions.join(' AND '),
    update: `SET ${[...updates, 'lastAt = :zero'].join(', ')}`,
    values: { ':now': toNumber(now), ':zero': toNumber(0), ':one': toNumber(1) },
  };
}

/** No `op` has no characters, so that every one of them differs from this. */
const NO_OP = '-';

/** As a refund; what others have counted since keeps its gap and its `op`. */
export function undoChange(limit: Limit, op: string, now: number, seen?: LimitItem): Change {
  const { condition, update, values } = refundChange(limit, now, seen);
  const isLast = seen === undefined || seen.lastOp === op;
  if (!isLast) {
    const counts = update.replace(/(, )?lastAt = :zero$/, '');
    return {
      condition: `${condition} AND lastOp <> :op`,
      update: counts,
      values: { ...values, ':op': toText(op) },
    };
  }
  return {
    condition: `${condition} AND lastOp = :op`,
    update: `${update}, lastOp = :none`,
    values: { ...values, ':op': toText(op), ':none': toText(NO_OP) },
  };
}

export function canGiveBack({ windows }: LimitItem, place: number, now: number): boolean {
  const { count = 0, endsAt = 0 } = windows[place] ?? {};
  return endsAt > now && count > 0;
}
