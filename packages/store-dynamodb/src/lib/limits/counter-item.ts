import type { CountedWindow, Counter } from '@otp/core/store';
import { type Item, numberOf } from '../table/attributes.js';
import { type Name, nameOf } from '../table/expression.js';

/** The item of all counters of one key, or of a tally. */
export function limitKey(key: string): string {
  return `limit#${key}`;
}

/** Names one counter in the item of its key. */
export interface Place {
  readonly share?: string;
  readonly windows: readonly unknown[];
}

export interface WindowNames {
  readonly count: Name;
  readonly end: Name;
}

/** The attributes of one counter; those of a share end with its name. */
export function namesOf({ share, windows }: Place) {
  const window = (prefix: string): WindowNames => ({
    count: attribute(`${prefix}Count`, share),
    end: attribute(`${prefix}End`, share),
  });
  return {
    windows: windows.map((_, index) => window(`${index}`)),
    gap: window('gap'),
    givenBack: window('back'),
    op: attribute('op', share),
  };
}

function attribute(name: string, share: string | undefined): Name {
  return nameOf(share === undefined ? name : `${name}:${share}`);
}

/** A counter that is missing has counted nothing. */
export function parseCounter(item: Item | undefined, place: Place): Counter {
  const { windows, gap, givenBack, op } = namesOf(place);
  const window = ({ count, end }: WindowNames): CountedWindow => ({
    count: numberOf(item?.[count.name]),
    endsAt: numberOf(item?.[end.name]),
  });
  const { count: gapEvents, endsAt: gapEndsAt } = window(gap);
  return {
    windows: windows.map(window),
    gapEvents,
    gapEndsAt,
    lastOp: item?.[op.name]?.S,
    givenBack: window(givenBack),
  };
}

/** All counters of an item. */
export function placesOf(item: Item | undefined): Place[] {
  const windows = new Map<string | undefined, string[]>();
  for (const name of Object.keys(item ?? {})) {
    const [found, share] = /^\d+End(?::(.*))?$/s.exec(name) ?? [];
    if (found !== undefined) windows.set(share, [...(windows.get(share) ?? []), found]);
  }
  return [...windows].map(([share, found]) =>
    share === undefined ? { windows: found } : { share, windows: found },
  );
}
