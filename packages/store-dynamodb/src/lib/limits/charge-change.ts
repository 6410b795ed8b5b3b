import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Limit } from '@otp/core/store';
import type { Moment } from '../moment.js';
import { toNumberValue, toStringValue, toTtl } from '../table/attributes.js';
import type { Change } from '../table/table.js';
import type { LimitItem } from './limit-item.js';

/**
 * Counts one event in every window at once. Without `seen`, it applies when there is no item, or when all windows are
 * open and have room. With `seen`, it opens the windows again that had ended, unless another call has done so since.
 */
export function chargeChange(limit: Limit, { now, op }: Moment, seen?: LimitItem): Change {
  const conditions: string[] = [];
  const updates: string[] = [];
  const values: Record<string, AttributeValue> = {
    ':now': toNumberValue(now),
    ':op': toStringValue(op),
    ':one': toNumberValue(1),
  };
  let lastEnd = 0;
  for (const [index, { max, windowSeconds }] of limit.windows.entries()) {
    const [count, end] = [`count${index}`, `end${index}`];
    const known = seen?.windows[index]?.endsAt ?? 0;
    const isOpen = known > now;
    const newEnd = now + windowSeconds * 1000;
    lastEnd = Math.max(lastEnd, isOpen ? known : newEnd);
    values[`:${end}`] = toNumberValue(newEnd);
    if (seen === undefined || isOpen) {
      values[':zero'] = toNumberValue(0);
      values[`:max${index}`] = toNumberValue(max);
      conditions.push(`${end} > :now AND ${count} < :max${index}`);
      updates.push(`${count} = if_not_exists(${count}, :zero) + :one`);
      updates.push(`${end} = if_not_exists(${end}, :${end})`);
    } else {
      conditions.push(`(attribute_not_exists(${end}) OR ${end} <= :now)`);
      updates.push(`${count} = :one`, `${end} = :${end}`);
    }
  }
  const isFirstOpen = seen === undefined || (seen.windows[0]?.endsAt ?? 0) > now;
  if (isFirstOpen) conditions.push(...gapConditions(limit.gapsSeconds ?? [], now, values));
  const hasOpen = seen === undefined || seen.windows.some(({ endsAt }) => endsAt > now);
  if (hasOpen) conditions.push('lastOp <> :op');
  const all = conditions.join(' AND ');
  const ttl = seen === undefined ? 'if_not_exists(#ttl, :ttl)' : ':ttl';
  return {
    condition: seen === undefined ? `attribute_not_exists(pk) OR (${all})` : all,
    update: `SET ${updates.join(', ')}, lastAt = :now, lastOp = :op, #ttl = ${ttl}`,
    values: { ...values, ':ttl': toTtl(lastEnd) },
    names: { '#ttl': 'ttl' },
  };
}

/** For a repeat after a lost answer: if the first try took effect, the last event is as late as this call. */
export function onlyFirst(change: Change): Change {
  const condition = `(${change.condition}) AND (attribute_not_exists(lastAt) OR lastAt < :now)`;
  return { ...change, condition };
}

/** The gap after the events counted so far has passed. One case for each gap: an expression cannot index an array by a count. */
function gapConditions(
  gapsSeconds: readonly number[],
  now: number,
  values: Record<string, AttributeValue>,
): string[] {
  if (!gapsSeconds.some((gap) => gap > 0)) return [];
  const cases = gapsSeconds.map((gap, index) => {
    const isLast = index === gapsSeconds.length - 1;
    values[`:event${index}`] = toNumberValue(index + 1);
    const counted = `count0 ${isLast ? '>=' : '='} :event${index}`;
    if (gap === 0) return counted;
    values[`:gap${index}`] = toNumberValue(now - gap * 1000);
    return `${counted} AND lastAt <= :gap${index}`;
  });
  return [`(lastAt = :zero OR count0 = :zero OR ${cases.join(' OR ')})`];
}
