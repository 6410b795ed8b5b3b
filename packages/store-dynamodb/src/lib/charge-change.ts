import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Limit } from '@otp/core/store';
import { toNumber, toText, toTtl } from './attributes.js';
import type { LimitItem } from './limit-item.js';
import type { Change } from './table.js';

/** The logical call, and when it began by the clock of this process, in milliseconds. */
export interface Moment {
  readonly now: number;
  readonly op: string;
}

/**
 * Counts one event in every window at once. Without `seen`: where there is no item, or all its windows are open and
 * have room. With it: the windows that were seen ended are opened again, provided that nobody has done so since.
 */
export function chargeChange(limit: Limit, { now, op }: Moment, seen?: LimitItem): Change {
  const conditions: string[] = [];
  const updates: string[] = [];
  const values: Record<string, AttributeValue> = {
    ':now': toNumber(now),
    ':op': toText(op),
    ':one': toNumber(1),
  };
  let lastEnd = 0;
  for (const [place, { max, windowSeconds }] of limit.windows.entries()) {
    const [count, end] = [`count${place}`, `end${place}`];
    const known = seen?.windows[place]?.endsAt ?? 0;
    const isOpen = known > now;
    const newEnd = now + windowSeconds * 1000;
    lastEnd = Math.max(lastEnd, isOpen ? known : newEnd);
    values[`:${end}`] = toNumber(newEnd);
    if (seen === undefined || isOpen) {
      values[':zero'] = toNumber(0);
      values[`:max${place}`] = toNumber(max);
      conditions.push(`${end} > :now AND ${count} < :max${place}`);
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

/** For a repeat after a lost reply: had the first try been done, the last event would be as late as this call. */
export function onlyFirst(change: Change): Change {
  const condition = `(${change.condition}) AND (attribute_not_exists(lastAt) OR lastAt < :now)`;
  return { ...change, condition };
}

/** That the gap after the events counted so far has passed: an expression cannot look it up by a count. */
function gapConditions(
  gapsSeconds: readonly number[],
  now: number,
  values: Record<string, AttributeValue>,
): string[] {
  if (!gapsSeconds.some((gap) => gap > 0)) return [];
  const cases = gapsSeconds.map((gap, place) => {
    const isLast = place === gapsSeconds.length - 1;
    values[`:event${place}`] = toNumber(place + 1);
    const counted = `count0 ${isLast ? '>=' : '='} :event${place}`;
    if (gap === 0) return counted;
    values[`:gap${place}`] = toNumber(now - gap * 1000);
    return `${counted} AND lastAt <= :gap${place}`;
  });
  return [`(lastAt = :zero OR count0 = :zero OR ${cases.join(' OR ')})`];
}
