import * as v from 'valibot';

/** The sender of an e-mail, as providers take it. */
export interface NamedAddress {
  /** The display name as people read it; empty if there is none. */
  readonly name: string;
  /** ASCII alone. */
  readonly address: string;
}

const RULE = "must hold one address in ASCII, like 'Example <no-reply@example.com>'";
/** `dot-atom "@" domain` of RFC 5322, 3.4.1, without comments and domain literals. */
const ADDRESS = "[\\w!#$%&'*+/=?^`{|}~.-]+@[a-zA-Z0-9.-]+";
const NAMED = new RegExp(`^(?:([^<>]*)<(${ADDRESS})>|(${ADDRESS}))$`);

/**
 * The schema of an option that holds one e-mail address, alone or as `Name <address>`. The name may be quoted. Senders
 * of e-mail parse the option here, because the parsers of providers differ on a comma or a quote in the name.
 *
 * @returns the schema; it puts out a `NamedAddress`
 */
export function namedAddress() {
  return v.pipe(
    v.custom<string>((value) => parseNamedAddress(value) !== undefined, RULE),
    v.transform((value) => parseNamedAddress(value) ?? { name: '', address: '' }),
  );
}

function parseNamedAddress(value: unknown): NamedAddress | undefined {
  // No control character and no separator of lines: the name stands in a header.
  if (typeof value !== 'string' || !value.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) {
    return undefined;
  }
  const [, name = '', inNamed, alone] = NAMED.exec(value.trim()) ?? [];
  const address = inNamed ?? alone;
  return address === undefined ? undefined : { name: unquote(name.trim()), address };
}

function unquote(name: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(name)?.[1];
  return quoted === undefined ? name : quoted.replace(/\\(.)/g, '$1');
}
