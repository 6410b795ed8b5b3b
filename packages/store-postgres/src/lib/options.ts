export interface SchemaOptions {
  /** Where tables and functions are: lower-case letters, digits and underscores. @default 'otp' */
  readonly schema?: string;
}

/** Goes into statements as it is, so nothing that would have to be quoted. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** @throws TypeError that says what a name may look like. */
export function schemaName({ schema = 'otp' }: SchemaOptions): string {
  if (typeof schema !== 'string' || !NAME.test(schema)) {
    throw new TypeError(
      'schema must be 1 to 63 lower-case letters, digits and underscores, and begin with no digit.',
    );
  }
  return schema;
}

/** A name that we do not know is a misspelt one. @throws TypeError that lists the names. */
export function assertKnown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`There is no option ${unknown.slice(0, 64)}, only ${known.join(', ')}.`);
  }
}
