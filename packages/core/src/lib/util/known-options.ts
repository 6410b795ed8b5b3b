/** Every name of `Options`, for `assertKnownOptions`; the compiler keeps the list complete. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * For adapters and stores too: a name that nobody knows is a misspelt one, and what it was to protect would stay
 * unprotected. `field` is what the options are called.
 * @throws TypeError that lists the names.
 */
export function assertKnownOptions(
  options: object,
  known: Readonly<Record<string, true>>,
  field: string,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    const names = Object.keys(known).join(', ');
    throw new TypeError(`${field} has no option ${unknown.slice(0, 64)}; it takes ${names}.`);
  }
}
