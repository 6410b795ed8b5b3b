import type { Limit } from '@otp/core/store';

/** Names of what the store keeps. The part in braces decides the slot in a cluster. */
export interface Keys {
  record(id: string): string;
  limit(key: string): string;
}

export function createKeys(prefix: string): Keys {
  return {
    record: (id) => `${prefix}v{${id}}`,
    limit: (key) => {
      const name = nameOf(key);
      return `${prefix}l{${name}}${key.slice(0, key.length - name.length)}`;
    },
  };
}

/** What is counted for one token or recipient has one name behind different letters: it shares a slot. */
function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1) || key;
}

/** Limits that one script can charge, with their places in the list that was asked. */
export interface LimitGroup {
  readonly limits: readonly Limit[];
  readonly places: readonly number[];
}

export function groupBySlot(limits: readonly Limit[]): LimitGroup[] {
  const groups = new Map<string, { limits: Limit[]; places: number[] }>();
  for (const [place, limit] of limits.entries()) {
    const name = nameOf(limit.key);
    const group = groups.get(name) ?? { limits: [], places: [] };
    group.limits.push(limit);
    group.places.push(place);
    groups.set(name, group);
  }
  return [...groups.values()];
}
