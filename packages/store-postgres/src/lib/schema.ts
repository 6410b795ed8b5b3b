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
