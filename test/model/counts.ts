/** At most `max` events in a window that opens with the first, each some time after the one before. */
export interface Rule {
  readonly key: string;
  readonly max: number;
  readonly windowMs: number;
  /** Least times after the 1st, 2nd, … event; the last holds for all that follow. */
  readonly gapsMs?: readonly number[];
}

interface Count {
  readonly events: number;
  readonly endsAt: number;
  readonly nextAt: number;
}

/** What may have been counted. A lost reply leaves more than one possibility. */
export type PossibleCounts = readonly Count[];
export type Counts = ReadonlyMap<string, PossibleCounts>;

const NOTHING: Count = { events: 0, endsAt: 0, nextAt: 0 };

export function picked(counts: Counts, keys: readonly string[]): Counts {
  return new Map(keys.map((key) => [key, counts.get(key) ?? [NOTHING]]));
}

export function possibleCounts(counts: Counts, key: string, now: number): PossibleCounts {
  const known = counts.get(key) ?? [NOTHING];
  return known.map((count) => (count.endsAt > now ? count : NOTHING));
}

export function hasRoom({ max }: Rule, { events, nextAt }: Count, now: number): boolean {
  return events < max && nextAt <= now;
}

export function replaced(counts: Counts, key: string, possible: PossibleCounts): Counts {
  return new Map(counts).set(key, possible);
}

/** With one more event, whichever possibility is true. */
export function charged(counts: Counts, rule: Rule, now: number): Counts {
  const { key, windowMs, gapsMs = [] } = rule;
  const after = possibleCounts(counts, key, now).map(({ events, endsAt }) => ({
    events: events + 1,
    endsAt: events === 0 ? now + windowMs : endsAt,
    nextAt: now + (gapsMs[Math.min(events, gapsMs.length - 1)] ?? 0),
  }));
  return replaced(counts, key, after);
}

/** With one event less, and the time after it as if it had never been. */
export function refunded(counts: Counts, { key }: Rule, now: number): Counts {
  const after = possibleCounts(counts, key, now).map((count) =>
    count.events > 1 ? { ...count, events: count.events - 1, nextAt: 0 } : NOTHING,
  );
  return replaced(counts, key, after);
}

export function forgotten(counts: Counts, key: string): Counts {
  return replaced(counts, key, [NOTHING]);
}

/** Any of several states that have the same keys. */
export function merged([first = new Map(), ...others]: readonly Counts[]): Counts {
  if (others.length === 0) return first;
  const keys = [...first.keys()];
  const union = (key: string) => [first, ...others].flatMap((each) => each.get(key) ?? []);
  return new Map(keys.map((key) => [key, distinct(union(key))]));
}

function distinct(possible: PossibleCounts): PossibleCounts {
  return [...new Map(possible.map((count) => [JSON.stringify(count), count])).values()];
}
