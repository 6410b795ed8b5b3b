import {
  type CountedWindow,
  type Counter,
  endOf,
  GIVE_BACKS_PER_DAY,
  gapMsAfter,
  isKept,
  type Limit,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import { type Item, numberOf, toTtl } from '../table/attributes.js';
import {
  allOf,
  type Change,
  type Expression,
  expr,
  type Name,
  nameOf,
} from '../table/expression.js';
import { namesOf, type Place, parseCounter, placesOf, type WindowNames } from './counter-item.js';

/** Changes one counter from what was seen to `next`; the same object only checks that it is as seen. */
export interface Step {
  readonly limit: Limit;
  readonly seen: Counter;
  readonly next: Counter;
}

const TTL = nameOf('ttl');
const DAY_SECONDS = 86_400;
/** Counters that one write drops: few enough for one expression of 4 KB. */
const MAX_DROPPED = 24;

/** Time and `op` of the last charge of any counter of the item. */
const LAST = nameOf('last');

export function lastChargeAt(item: Item | undefined): number {
  return Number.parseInt(item?.last?.S ?? '0', 10);
}

/**
 * A charge that needs no read. It applies where each counter is missing, or has no gap and room in windows that are all
 * open: so most calls wait once, and calls that race for a limit do not fail each other.
 */
export function firstCharge(limits: readonly Limit[], moment: Moment): Change {
  const changes = limits.map((limit) => {
    const { windows, gap, op } = namesOf(limit);
    const gapMs = gapMsAfter(limit.gapsSeconds ?? [], 1);
    const room = limit.windows.flatMap(({ max, windowSeconds }, index) => {
      const names = windows[index];
      return names === undefined
        ? []
        : [{ ...names, max, endsAt: moment.now + windowSeconds * 1000 }];
    });
    const isMissing = expr`attribute_not_exists(${op})`;
    const isOpen = allOf([
      ...room.map(({ count, end, max }) => expr`${end} > ${moment.now} AND ${count} < ${max}`),
      expr`${gap.end} <= ${moment.now} AND ${op} <> ${moment.op}`,
    ]);
    return {
      when: [hasGaps(limit) ? isMissing : expr`(${isMissing} OR ${isOpen})`],
      set: [
        ...room.map(({ end, endsAt }) => expr`${end} = if_not_exists(${end}, ${endsAt})`),
        ...[...room, gap].map(({ count }) => expr`${count} = if_not_exists(${count}, ${0}) + ${1}`),
        expr`${gap.end} = if_not_exists(${gap.end}, ${gapMs === 0 ? 0 : moment.now + gapMs})`,
        expr`${op} = ${moment.op}`,
      ],
    };
  });
  return merge([...changes, timesChange(limits, moment)]);
}

/**
 * The charge of an item that was read. It also drops counters that have ended, if `isFirst`: the next try must not lose
 * against other calls that drop the same ones.
 */
export function nextCharge(
  item: Item | undefined,
  steps: readonly Step[],
  options: { readonly moment: Moment; readonly isExact: boolean; readonly isFirst: boolean },
): Change {
  const { moment, isExact, isFirst } = options;
  const { now } = moment;
  const limits = steps.map(({ limit }) => limit);
  const ended = isFirst ? endedCounters(item, limits, now) : [];
  return merge([
    ...steps.map((step) => stepChange(step, now)),
    ...ended.slice(0, MAX_DROPPED).map(dropEnded),
    timesChange(limits, moment, numberOf(item?.ttl)),
    { when: isExact ? [isSeen(LAST, item?.last?.S)] : [] },
  ]);
}

/**
 * Drops ended counters as soon as there are enough for one write: `firstCharge` adds a counter for each new share and
 * drops none, and an item has at most 400 KB.
 */
export function cleanUpChange(
  item: Item,
  limits: readonly Limit[],
  now: number,
): Change | undefined {
  const ended = endedCounters(item, limits, now);
  return ended.length < MAX_DROPPED ? undefined : merge(ended.slice(0, MAX_DROPPED).map(dropEnded));
}

interface Ended {
  readonly place: Place;
  readonly counter: Counter;
}

/** The counters of other shares than those of the limits whose windows have all ended. */
function endedCounters(item: Item | undefined, limits: readonly Limit[], now: number): Ended[] {
  return placesOf(item)
    .filter(({ share }) => !limits.some((limit) => limit.share === share))
    .map((place) => ({ place, counter: parseCounter(item, place) }))
    .filter(({ counter }) => endOf(counter) <= now);
}

/** A charge that opens an ended window anew changes its end, so one condition is enough. */
function dropEnded({ place, counter: { windows } }: Ended): Change {
  const [first] = namesOf(place).windows;
  return {
    when: first === undefined ? [] : [isNumber(first.end, windows[0]?.endsAt ?? 0)],
    remove: attributesOf(place),
  };
}

/** Whether and how the item is to be written after events were given back: deleted if nothing is left in it. */
export function giveBackChange(
  item: Item,
  { when, set, remove }: Required<Change>,
): (Change & { readonly isDelete: boolean }) | undefined {
  if (set.length + remove.length === 0) return undefined;
  const removed = new Set([
    'pk',
    'ttl',
    'last',
    ...remove.map((each) => ('name' in each ? each.name : '')),
  ]);
  const isDelete = Object.keys(item).every((name) => removed.has(name));
  return isDelete
    ? { when: [...when, isSeen(LAST, item.last?.S)], isDelete }
    : { when, set, remove, isDelete };
}

/** The change of one counter. */
export function stepChange({ limit, seen, next }: Step, now: number): Change {
  if (next === seen) return { when: exactly(limit, seen) };
  if (!isKept(next, now)) return dropCounter(limit, seen);
  const { windows, gap, givenBack, op } = namesOf(limit);
  return merge([
    ...windows.map((names, index) =>
      windowChange(names, seen.windows[index], {
        next: next.windows[index],
        max: limit.windows[index]?.max,
      }),
    ),
    windowChange(gap, gapOf(seen), {
      next: gapOf(next),
      // Another event would make another gap.
      max: hasGaps(limit) ? next.gapEvents : undefined,
    }),
    windowChange(givenBack, seen.givenBack, { next: next.givenBack, max: GIVE_BACKS_PER_DAY }),
    opChange(op, seen.lastOp, next.lastOp),
  ]);
}

/**
 * Moves a count by its difference while the window is the same, so that calls that race for one limit do not fail each
 * other.
 */
function windowChange(
  { count, end }: WindowNames,
  seen: CountedWindow = NEW_WINDOW,
  {
    next = seen,
    max = Number.MAX_SAFE_INTEGER,
  }: { readonly next?: CountedWindow | undefined; readonly max?: number | undefined },
): Change {
  const difference = next.count - seen.count;
  const isSame = isNumber(end, seen.endsAt);
  // A count of 0 may be missing.
  if (next.endsAt !== seen.endsAt || (difference > 0 && seen.count === 0)) {
    return {
      when: [isSame, isNumber(count, seen.count)],
      set: [expr`${count} = ${next.count}`, expr`${end} = ${next.endsAt}`],
    };
  }
  if (difference === 0) return { when: [] };
  const bound =
    difference > 0 ? expr`${count} <= ${max - difference}` : expr`${count} >= ${-difference}`;
  return { when: [isSame, bound], set: [expr`${count} = ${count} + ${difference}`] };
}

const NEW_WINDOW: CountedWindow = { count: 0, endsAt: 0 };

function gapOf({ gapEvents, gapEndsAt }: Counter): CountedWindow {
  return { count: gapEvents, endsAt: gapEndsAt };
}

function opChange(name: Name, seen: string | undefined, next: string | undefined): Change {
  if (next === seen) return { when: [] };
  if (next === undefined) return { when: [isSeen(name, seen)], set: [expr`${name} = ${NO_OP}`] };
  return {
    when: [expr`(attribute_not_exists(${name}) OR ${name} <> ${next})`],
    set: [expr`${name} = ${next}`],
  };
}

/** Differs from every `op`. */
const NO_OP = '-';

export function dropCounter(place: Place, seen: Counter): Change {
  return { when: exactly(place, seen), remove: attributesOf(place) };
}

function attributesOf(place: Place): Name[] {
  const { windows, gap, givenBack, op } = namesOf(place);
  return [...[...windows, gap, givenBack].flatMap(({ count, end }) => [count, end]), op];
}

function exactly(place: Place, { windows, lastOp }: Counter): Expression[] {
  const { windows: names, op } = namesOf(place);
  return [
    ...names.flatMap(({ count, end }, index) => [
      isNumber(count, windows[index]?.count ?? 0),
      isNumber(end, windows[index]?.endsAt ?? 0),
    ]),
    isSeen(op, lastOp),
  ];
}

/** The time of expiry never gets earlier. */
function timesChange(limits: readonly Limit[], { now, op }: Moment, known = 0): Change {
  const seconds = limits.flatMap(({ windows }) => windows.map((each) => each.windowSeconds));
  // What successes give back counts for a day.
  const ttl = Math.max(known, toTtl(now + Math.max(DAY_SECONDS, ...seconds) * 1000));
  return {
    when: [expr`(attribute_not_exists(${TTL}) OR ${TTL} <= ${ttl})`],
    set: [expr`${TTL} = ${ttl}`, expr`${LAST} = ${`${now} ${op}`}`],
  };
}

export function merge(changes: readonly Change[]): Required<Change> {
  return {
    when: changes.flatMap(({ when }) => when),
    set: changes.flatMap(({ set = [] }) => set),
    remove: changes.flatMap(({ remove = [] }) => remove),
  };
}

function hasGaps({ gapsSeconds = [] }: Limit): boolean {
  return gapsSeconds.some((gap) => gap > 0);
}

/** A number that is missing is 0. */
function isNumber(name: Name, seen: number): Expression {
  return seen === 0
    ? expr`(attribute_not_exists(${name}) OR ${name} = ${0})`
    : expr`${name} = ${seen}`;
}

function isSeen(name: Name, seen: string | undefined): Expression {
  return seen === undefined ? expr`attribute_not_exists(${name})` : expr`${name} = ${seen}`;
}
