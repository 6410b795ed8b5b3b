/** At most `max` events in each window, which starts with its first event, with gaps between them. */
export interface Rule {
  readonly key: string;
  readonly windows: readonly RuleWindow[];
  /** Shortest times after the 1st, 2nd, … event of the first window; the last applies to all later ones. */
  readonly gapsMs?: readonly number[];
}

interface RuleWindow {
  readonly max: number;
  readonly windowMs: number;
}

interface Count {
  readonly windows: readonly CountedWindow[];
  /** Events of the first window, by which the gap is chosen: a success takes none of them away. */
  readonly gapEvents: number;
  readonly nextAt: number;
  /** Events that successes have taken away. */
  readonly givenBack: CountedWindow;
}

interface CountedWindow {
  readonly events: number;
  readonly endsAt: number;
}

/** The possible counts. A lost reply leaves more than one possibility. */
export type PossibleCounts = readonly Count[];
export type Counts = ReadonlyMap<string, PossibleCounts>;

const DAY_MS = 86_400_000;
const GIVE_BACKS_PER_DAY = 10;

const NEW_WINDOW: CountedWindow = { events: 0, endsAt: 0 };
const NOTHING: Count = { windows: [], gapEvents: 0, nextAt: 0, givenBack: NEW_WINDOW };

export function picked(counts: Counts, keys: readonly string[]): Counts {
  return new Map(keys.map((key) => [key, counts.get(key) ?? [NOTHING]]));
}

/** A store may forget a count whose windows have ended, with what was given back to it, or not. */
export function possibleCounts(counts: Counts, key: string, now: number): PossibleCounts {
  const known = counts.get(key) ?? [NOTHING];
  return known.flatMap((count) => {
    const { windows, givenBack } = count;
    if (windows.some(({ endsAt }) => endsAt > now)) return [count];
    return givenBack.endsAt > now ? [{ ...NOTHING, givenBack }, NOTHING] : [NOTHING];
  });
}

export function hasRoom({ windows }: Rule, count: Count, now: number): boolean {
  const [first = NEW_WINDOW] = count.windows;
  const isGap = Math.min(count.nextAt, first.endsAt) > now;
  return !isGap && windows.every(({ max }, n) => eventsOf(count, now, n) < max);
}

/** The events of a window that is open. */
export function eventsOf({ windows }: Count, now: number, index = 0): number {
  const { events, endsAt } = windows[index] ?? NEW_WINDOW;
  return endsAt > now ? events : 0;
}

export function replaced(counts: Counts, key: string, possible: PossibleCounts): Counts {
  return new Map(counts).set(key, possible);
}

/** Adds an event to every possibility. */
export function charged(counts: Counts, { key, windows, gapsMs = [] }: Rule, now: number): Counts {
  const after = possibleCounts(counts, key, now).map((count) => {
    const [first = NEW_WINDOW] = count.windows;
    const gapEvents = first.endsAt > now ? count.gapEvents + 1 : 1;
    const gap = gapsMs[Math.min(gapEvents, gapsMs.length) - 1];
    return {
      ...count,
      windows: windows.map(({ windowMs }, n) =>
        oneMore(count.windows[n] ?? NEW_WINDOW, windowMs, now),
      ),
      gapEvents,
      nextAt: gap === undefined ? 0 : now + gap,
    };
  });
  return replaced(counts, key, after);
}

/** Removes an event, as if it had not happened. */
export function refunded(counts: Counts, { key }: Rule, now: number): Counts {
  return changed(counts, key, now, (count) => {
    const windows = count.windows.map((window) => oneLess(window, now));
    const gapEvents = Math.max(0, count.gapEvents - 1);
    const isEmpty = gapEvents === 0 && windows.every(({ events }) => events === 0);
    // What was given back keeps an empty count, and with it the ends of its windows.
    const isForgotten = isEmpty && count.givenBack.endsAt <= now;
    return isForgotten ? NOTHING : { ...count, windows, gapEvents, nextAt: 0 };
  });
}

/** Removes an event for a right code. */
export function guessGivenBack(counts: Counts, { key }: Rule, now: number): Counts {
  return changed(counts, key, now, (count) => ({
    ...count,
    windows: count.windows.map((window) => oneLess(window, now)),
  }));
}

/** Removes the event of a create that has led to a success, where its windows are still the same. */
export function createGivenBack(
  counts: Counts,
  { key, windows }: Rule,
  { openedAt, now }: { readonly openedAt: number; readonly now: number },
): Counts {
  const after = possibleCounts(counts, key, now).flatMap((count) => {
    const givenBack = oneMore(count.givenBack, DAY_MS, now);
    if (givenBack.events > GIVE_BACKS_PER_DAY) return [count];
    const given = count.windows.map((window, n) => {
      const start = window.endsAt - (windows[n]?.windowMs ?? 0);
      return start <= openedAt ? oneLess(window, now) : window;
    });
    const less = { ...count, windows: given, givenBack };
    // A store may still have a count whose windows have ended, or have forgotten it.
    return count.windows.length === 0 ? [less, count] : [less];
  });
  return replaced(counts, key, after);
}

export function forgotten(counts: Counts, key: string): Counts {
  return replaced(counts, key, [NOTHING]);
}

/** Combines states that have the same keys. */
export function merged([first = new Map(), ...others]: readonly Counts[]): Counts {
  if (others.length === 0) return first;
  const keys = [...first.keys()];
  const union = (key: string) => [first, ...others].flatMap((each) => each.get(key) ?? []);
  return new Map(keys.map((key) => [key, distinct(union(key))]));
}

function distinct(possible: PossibleCounts): PossibleCounts {
  return [...new Map(possible.map((count) => [JSON.stringify(count), count])).values()];
}

/** Changes every possibility in which there are events. */
function changed(
  counts: Counts,
  key: string,
  now: number,
  change: (count: Count) => Count,
): Counts {
  const after = possibleCounts(counts, key, now).map((count) =>
    count.windows.length === 0 ? count : change(count),
  );
  return replaced(counts, key, after);
}

function oneMore({ events, endsAt }: CountedWindow, windowMs: number, now: number): CountedWindow {
  return endsAt > now ? { events: events + 1, endsAt } : { events: 1, endsAt: now + windowMs };
}

function oneLess({ events, endsAt }: CountedWindow, now: number): CountedWindow {
  return { events: endsAt > now ? Math.max(0, events - 1) : 0, endsAt };
}
