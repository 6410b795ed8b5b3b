import { GIVE_BACKS_PER_DAY, type Limit, type Refused } from '../ports.js';
import { gapMsAfter } from './intervals.js';
import { toRefused } from './refusal.js';

/** What was counted of one limit. Times are in milliseconds. */
export interface Counter {
  /** One for each window of the limit, in the same order. */
  readonly windows: readonly CountedWindow[];
  /** Events of the first window by which the next gap is chosen. A success gives none of them back. */
  readonly gapEvents: number;
  readonly gapEndsAt: number;
  /** The `op` of the last call that counted, so that a repeat of it does not count again. */
  readonly lastOp: string | undefined;
  /** What successes have given back. */
  readonly givenBack: CountedWindow;
}

/** A window that has never been opened ends at 0. */
export interface CountedWindow {
  readonly count: number;
  readonly endsAt: number;
}

const DAY_MS = 86_400_000;

/**
 * Finds when the last window of a counter ends.
 *
 * @param counter a counter that has windows
 * @returns milliseconds; 0 if no window was ever opened
 */
export function endOf(counter: Counter): number {
  return Math.max(...counter.windows.map(({ endsAt }) => endsAt));
}

/** How long a counter is needed: while its windows have events, and while what was given back counts. */
export function keptUntil(counter: Counter): number {
  const { windows, gapEvents, givenBack } = counter;
  // A counter whose events were all refunded is as none.
  const isEmpty = gapEvents === 0 && windows.every(({ count }) => count === 0);
  return Math.max(isEmpty ? 0 : endOf(counter), givenBack.endsAt);
}

/**
 * Decides whether a counter still counts, so that a store must keep it.
 *
 * @param counter the stored counter
 * @param now milliseconds
 * @returns false if the counter may be deleted
 */
export function isKept(counter: Counter, now: number): boolean {
  return keptUntil(counter) > now;
}

/**
 * Decides whether a call is a repeat, which must not count again.
 *
 * @param counter the stored counter
 * @param op of the call; undefined if the call cannot be repeated
 * @param now milliseconds
 * @returns whether the last call that counted had this `op`
 */
export function isRepeat(counter: Counter, op: string | undefined, now: number): boolean {
  return op !== undefined && counter.lastOp === op && endOf(counter) > now;
}

/**
 * Decides whether a limit refuses another event.
 *
 * @param counter the stored counter
 * @param limit its windows and name
 * @param now milliseconds
 * @returns the refusal, or undefined if every window has room and the gap has passed
 */
export function refusalOf(counter: Counter, limit: Limit, now: number): Refused | undefined {
  // A gap ends with the first window.
  let time = Math.min(counter.gapEndsAt, counter.windows[0]?.endsAt ?? 0);
  for (const [index, { max }] of limit.windows.entries()) {
    const window = counter.windows[index];
    if (window !== undefined && window.count >= max) time = Math.max(time, window.endsAt);
  }
  return time > now ? toRefused(limit.name, time - now) : undefined;
}

/**
 * Decides whether a limit with a maximum of 1 refuses a caller, because another one has used it up.
 *
 * @param counter the stored counter
 * @param limit the limit
 * @param call the `op` of the caller, and the time in milliseconds
 * @returns the refusal, or undefined if nobody, or the caller itself, has used it up
 */
export function refusalOfOther(
  counter: Counter,
  limit: Limit,
  call: { readonly op: string; readonly now: number },
): Refused | undefined {
  const { op, now } = call;
  const endsAt = endOf(counter);
  return counter.lastOp === op || endsAt <= now ? undefined : toRefused(limit.name, endsAt - now);
}

const NEW_WINDOW: CountedWindow = { count: 0, endsAt: 0 };

/**
 * Counts an event in every window of a limit. A window opens with its first event.
 *
 * @param known the stored counter; undefined if there is none
 * @param limit its windows and gaps
 * @param call the `op` of the call, if it can be repeated, and the time in milliseconds
 * @returns the counter to store
 */
export function countEvent(
  known: Counter | undefined,
  limit: Limit,
  call: { readonly op: string | undefined; readonly now: number },
): Counter {
  const { windows, gapsSeconds = [] } = limit;
  const { op, now } = call;
  const isFirstOpen = (known?.windows[0]?.endsAt ?? 0) > now;
  const gapEvents = (isFirstOpen ? (known?.gapEvents ?? 0) : 0) + 1;
  const gapMs = gapMsAfter(gapsSeconds, gapEvents);
  return {
    windows: windows.map(({ windowSeconds }, index) =>
      countUp(known?.windows[index] ?? NEW_WINDOW, windowSeconds * 1000, now),
    ),
    gapEvents,
    // Not `now` without a gap: a clock that is set back would make one.
    gapEndsAt: gapMs === 0 ? 0 : now + gapMs,
    lastOp: op,
    givenBack: known?.givenBack ?? NEW_WINDOW,
  };
}

/**
 * Gives back an event of each window, with the gap after it: the event did not happen.
 *
 * @param counter the stored counter
 * @param now milliseconds
 * @returns the counter to store
 */
export function refundEvent(counter: Counter, now: number): Counter {
  return {
    ...giveBackGuess(counter, now),
    // The event was allowed, so the gap before it had passed.
    gapEvents: Math.max(0, counter.gapEvents - 1),
    gapEndsAt: 0,
  };
}

/**
 * Gives back an event of each window, for a right guess. Gaps stay.
 *
 * @param counter the stored counter
 * @param now milliseconds
 * @returns the counter to store
 */
export function giveBackGuess(counter: Counter, now: number): Counter {
  return { ...counter, windows: counter.windows.map((window) => lessOne(window, now)) };
}

/**
 * Gives back an event of each window that was open at a create, `GIVE_BACKS_PER_DAY` times a day at most.
 *
 * @param counter the stored counter
 * @param limit its windows
 * @param times when the verification was opened, and now, in milliseconds
 * @returns the counter to store
 */
export function giveBackCreate(
  counter: Counter,
  limit: Limit,
  times: { readonly openedAt: number; readonly now: number },
): Counter {
  const { openedAt, now } = times;
  const givenBack = countUp(counter.givenBack, DAY_MS, now);
  if (givenBack.count > GIVE_BACKS_PER_DAY) return counter;
  const given = counter.windows.map((window, index) => {
    const windowMs = (limit.windows[index]?.windowSeconds ?? 0) * 1000;
    return window.endsAt - windowMs <= openedAt ? lessOne(window, now) : window;
  });
  return { ...counter, windows: given, givenBack };
}

function countUp({ count, endsAt }: CountedWindow, windowMs: number, now: number): CountedWindow {
  return endsAt > now ? { count: count + 1, endsAt } : { count: 1, endsAt: now + windowMs };
}

function lessOne({ count, endsAt }: CountedWindow, now: number): CountedWindow {
  return { count: endsAt > now ? Math.max(0, count - 1) : 0, endsAt };
}
