import type { Limit } from '@otp/core/store';

/** Makes the keys of the store. The part in braces decides the slot in a cluster. */
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

/** All limits of one token or recipient share a slot: their keys differ only in the letters before the name. */
function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1) || key;
}

/** Limits that one script can charge, with their indexes in the caller's array. */
export interface LimitGroup {
  readonly limits: readonly Limit[];
  readonly indexes: readonly number[];
}

export function groupBySlot(limits: readonly Limit[]): LimitGroup[] {
  const groups = new Map<string, { limits: Limit[]; indexes: number[] }>();
  for (const [index, limit] of limits.entries()) {
    const name = nameOf(limit.key);
    const group = groups.get(name) ?? { limits: [], indexes: [] };
    group.limits.push(limit);
    group.indexes.push(index);
    groups.set(name, group);
  }
  return [...groups.values()];
}
