/**
 * Stands around each call to a port: `run` does the work. Whoever stands there may leave it out, do it
 * later, or answer something else.
 */
export type Around = (call: string, run: () => Promise<unknown>) => Promise<unknown>;

/** A port with `around` about each of its methods; a call is named `store.open`. */
export function aroundMethods<Port extends object>(name: string, port: Port, around: Around): Port {
  return new Proxy(port, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        around(`${name}.${String(key)}`, async () => Reflect.apply(method, target, args));
    },
  });
}

/** A callback with `around` about it; a call is named as the callback is. */
export function aroundFunction<Args extends unknown[], Result>(
  name: string,
  callback: (...args: Args) => Result | Promise<Result>,
  around: Around,
): (...args: Args) => Promise<Result> {
  return new Proxy(async (...args: Args) => callback(...args), {
    apply: (target, self, args) => around(name, async () => Reflect.apply(target, self, args)),
  });
}
