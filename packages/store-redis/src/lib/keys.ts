/** Makes the keys of the store. The part in braces decides the slot in a cluster. */
export interface Keys {
  record(id: string): string;
  /** Of a limit or a tally. */
  counter(key: string): string;
}

export function createKeys(prefix: string): Keys {
  return {
    record: (id) => `${prefix}v{${id}}`,
    counter: (key) => {
      const name = nameOf(key);
      return `${prefix}l{${name}}${key.slice(0, key.length - name.length)}`;
    },
  };
}

/** All counters of one token or recipient share a slot: their keys differ only in the letters before the name. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1) || key;
}
