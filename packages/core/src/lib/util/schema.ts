import * as v from 'valibot';

/*
 * Building blocks for the schemas of options. Every rule has a message of ours, because those of valibot repeat the
 * value, which may be a secret. A message follows the name of the option: "must be a string".
 */

/** One schema for each option: none may be forgotten, and none may take more than the interface says. */
type Entries<Options> = {
  readonly [Name in keyof Options]-?: v.GenericSchema<Options[Name] | undefined, unknown>;
};

/**
 * The schema of an object of options. Other names are refused: an option that is misspelt would be left out in silence.
 *
 * @returns a function that takes a schema for each option, and the rule for a value that is no object
 * @example const schema = optionsOf<WindowOptions>()({ max: integer(1, 100), windowSeconds: integer(1, 3600) });
 */
export function optionsOf<Options extends object>() {
  return <const OptionEntries extends Entries<Options>>(
    entries: OptionEntries,
    rule = 'must be an object',
  ) => {
    const schema = v.strictObject(entries, ({ expected, received, path }) => {
      if (expected === 'never') {
        const names = Object.keys(entries).join(', ');
        // Valibot puts the name in quotes.
        return `has no option ${received.slice(1, -1).slice(0, 64)}; it takes ${names}`;
      }
      const entry = path?.at(-1)?.key as keyof OptionEntries | undefined;
      // A required option that is missing breaks the same rule as one that is undefined.
      return entry === undefined ? rule : ruleOf(entries[entry], undefined);
    });
    const options = v.pipe(v.custom<object>(isOptionsObject, rule), schema);
    // Takes `undefined` for an option too, which `exactOptionalPropertyTypes` tells from an option that is left out.
    return options as unknown as v.GenericSchema<Options, v.InferOutput<typeof schema>>;
  };
}

/** Valibot takes arrays for objects. */
function isOptionsObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value);
}

function ruleOf(schema: v.GenericSchema<unknown, unknown>, value: unknown): string {
  return v.safeParse(schema, value, { abortEarly: true }).issues?.[0].message ?? 'is missing';
}

/**
 * The schema of a string that is not of white space alone.
 *
 * @param max characters; 512 unless given
 * @param rule the message for another value; one about the length unless given
 * @returns the schema
 */
export function text(max = 512, rule = `must be a string of 1 to ${max} characters`) {
  return v.custom<string>(
    (value) =>
      typeof value === 'string' &&
      value.trim() !== '' &&
      value.isWellFormed() &&
      value.length <= max,
    rule,
  );
}

/** Such a string without control characters and line or paragraph separators. */
export function oneLine(rule = 'must be one line') {
  return v.pipe(
    text(),
    v.check((value) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value), rule),
  );
}

/**
 * The schema of an integer.
 *
 * @param min the least integer that is accepted
 * @param max the greatest one
 * @returns the schema
 */
export function integer(min: number, max: number) {
  return v.custom<number>(
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    `must be an integer from ${min} to ${max}`,
  );
}

/**
 * The schema of `true` and `false`.
 *
 * @returns the schema
 */
export function boolean() {
  return v.boolean('must be true or false');
}

/**
 * The schema of a function; what it returns is checked where it is called.
 *
 * @returns the schema
 */
export function fn<Type extends (...args: never[]) => unknown>() {
  return v.custom<Type>((value) => typeof value === 'function', 'must be a function');
}

/**
 * The schema of one of several strings.
 *
 * @param values the strings that are accepted
 * @returns the schema
 */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return v.picklist(values, `must be one of: ${values.join(', ')}`);
}

/**
 * A plain object whose names the host chooses. Valibot's own schema takes arrays and maps too, and leaves out names such
 * as `constructor` in silence.
 */
export function record<
  Key extends v.GenericSchema<string, string>,
  Value extends v.GenericSchema<unknown, unknown>,
>(key: Key, value: Value, rule: string) {
  return v.pipe(
    v.custom<Readonly<Record<string, v.InferInput<Value>>>>(isPlainObject, rule),
    v.record(key, value, rule),
  );
}

function isPlainObject(value: unknown): boolean {
  return (
    isOptionsObject(value) &&
    !['__proto__', 'prototype', 'constructor'].some((name) => Object.hasOwn(Object(value), name))
  );
}

/**
 * The schema of an object of the host's that is used as it is, such as a store.
 *
 * @param methods the methods that it must have
 * @param rule the message for another value, which names the method that is missing
 * @returns the schema
 */
export function instance<Type extends object>(
  methods: readonly (keyof Type & string)[],
  rule: string,
) {
  const missing = (value: unknown) =>
    methods.find(
      (name) =>
        typeof value !== 'object' ||
        value === null ||
        typeof Reflect.get(value, name) !== 'function',
    );
  return v.custom<Type>(
    (value) => missing(value) === undefined,
    ({ input }) => `${rule}; it has no ${missing(input)}()`,
  );
}

/** An option whose rules are in another room, which checks it when it resolves it. */
export function checkedElsewhere<Type>() {
  return v.optional(v.custom<NonNullable<Type>>(() => true));
}

/**
 * Validates options and fills in their defaults.
 *
 * @param schema made with `optionsOf`, or another schema whose rules have a message each
 * @param value what the host has written
 * @param name the option that holds them, such as `limits`, or the function that takes them, such as
 *   `createRedisStore()`; the options of a function are named by themselves
 * @returns what the schema puts out
 * @throws TypeError that names the option and says what to write, and never repeats a value
 */
export function parseOptions<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  value: unknown,
  name: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = (issue.path ?? []).map(({ key }) => key);
  // The name of an unknown option is in the message.
  if (issue.expected === 'never') path.pop();
  const isFunction = name.endsWith('()');
  const field = toField(isFunction ? '' : name, path);
  const subject =
    field === '' && issue.expected !== 'never' ? `the options of ${name}` : field || name;
  throw new TypeError(`${subject} ${issue.message}.`);
}

function toField(name: string, path: readonly unknown[]): string {
  return path.reduce<string>((field, key) => {
    if (typeof key === 'number') return `${field}[${key}]`;
    const shown = String(key).slice(0, 64);
    return field === '' ? shown : `${field}.${shown}`;
  }, name);
}
