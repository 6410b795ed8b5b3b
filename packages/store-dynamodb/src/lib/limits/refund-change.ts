import type { Limit } from '@otp/core/store';
import { toNumberValue, toStringValue } from '../table/attributes.js';
import type { Change } from '../table/table.js';
import type { LimitItem } from './limit-item.js';

/**
 * Gives back one event in every window that is open and has counted one. Without `seen`, it applies when that is true of
 * all windows. The gap ends, because the event that is given back had waited for the gap before it.
 */
export function refundChange({ windows }: Limit, now: number, seen?: LimitItem): Change {
  const conditions: string[] = [];
  const updates: string[] = [];
  for (const index of windows.keys()) {
    const [count, end] = [`count${index}`, `end${index}`];
    if (seen === undefined || canGiveBack(seen, index, now)) {
      conditions.push(`${end} > :now AND ${count} > :zero`);
      updates.push(`${count} = ${count} - :one`);
    } else {
      conditions.push(`(attribute_not_exists(${end}) OR ${end} <= :now OR ${count} <= :zero)`);
    }
  }
  return {
    condition: conditions.join(' AND '),
    update: `SET ${[...updates, 'lastAt = :zero'].join(', ')}`,
    values: { ':now': toNumberValue(now), ':zero': toNumberValue(0), ':one': toNumberValue(1) },
  };
}

/** Differs from every `op`. */
const NO_OP = '-';

/** Like a refund, but an event that another call has counted since keeps its gap and its `op`. */
export function undoChange(limit: Limit, op: string, now: number, seen?: LimitItem): Change {
  const { condition, update, values } = refundChange(limit, now, seen);
  const isLast = seen === undefined || seen.lastOp === op;
  if (!isLast) {
    const counts = update.replace(/(, )?lastAt = :zero$/, '');
    return {
      condition: `${condition} AND lastOp <> :op`,
      update: counts,
      values: { ...values, ':op': toStringValue(op) },
    };
  }
  return {
    condition: `${condition} AND lastOp = :op`,
    update: `${update}, lastOp = :none`,
    values: { ...values, ':op': toStringValue(op), ':none': toStringValue(NO_OP) },
  };
}

export function canGiveBack({ windows }: LimitItem, index: number, now: number): boolean {
  const { count = 0, endsAt = 0 } = windows[index] ?? {};
  return endsAt > now && count > 0;
}
