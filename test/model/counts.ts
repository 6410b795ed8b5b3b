/** At most `max` events in a window that starts with the first, with gaps between them. */
export interface Rule {
  readonly key: string;
  readonly max: number;
  readonly windowMs: number;
  /** Shortest times after the 1st, 2nd, … event; the last applies to all later ones. */
  readonly gapsMs?: readonly number[];
}

interface Count {
  readonly events: number;
  readonly endsAt: number;
  readonly nextAt: number;
}

/** The possible counts. A lost reply leaves more than one possibility. */
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

/** Adds an event to every possibility. */
export function charged(counts: Counts, rule: Rule, now: number): Counts {
  const { key, windowMs, gapsMs = [] } = rule;
  const after = possibleCounts(counts, key, now).map(({ events, endsAt }) => ({
    events: events + 1,
    endsAt: events === 0 ? now + windowMs : endsAt,
    nextAt: now + (gapsMs[Math.min(events, gapsMs.length - 1)] ?? 0),
  }));
  return replaced(counts, key, after);
}

/** Removes an event, as if it had not happened. */
export function refunded(counts: Counts, { key }: Rule, now: number): Counts {
  const after = possibleCounts(counts, key, now).map((count) =>
    count.events > 1 ? { ...count, events: count.events - 1, nextAt: 0 } : NOTHING,
  );
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
