/**
 * A function around each call of a port. It may call `run`, which does the work, later or never, and may return another
 * result.
 */
export type Around = (call: string, run: () => Promise<unknown>) => Promise<unknown>;

/** Wraps each method of a port in `around`. Calls have names such as `store.open`. */
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

/** Wraps a callback in `around`. Calls have the name of the callback. */
export function aroundFunction<Args extends unknown[], Result>(
  name: string,
  callback: (...args: Args) => Result | Promise<Result>,
  around: Around,
): (...args: Args) => Promise<Result> {
  return new Proxy(async (...args: Args) => callback(...args), {
    apply: (target, self, args) => around(name, async () => Reflect.apply(target, self, args)),
  });
}
