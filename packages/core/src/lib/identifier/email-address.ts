import { trimOptionalWhitespace } from '../util/optional-whitespace.js';

/**
 * RFC 5321 Dot-string in ASCII, at most 64 octets; no quoted form, no comment, no IP literal. Nor what mail servers route
 * by, since the message would go to another mailbox: `%` and `!` (RFC 5321, F.2), `|`, `/` and a backtick (pipes, files,
 * X.400 gateways), `=?` (RFC 2047), and a leading `-`, which is an option of sendmail.
 */
const LOCAL_PART = /^(?=.{1,64}$)(?!-|.*=\?)[a-z0-9#$&'*+=?^_{}~-]+(?:\.[a-z0-9#$&'*+=?^_{}~-]+)*$/;

/** At least two RFC 1035 labels, of which the last is not a number: `a@127.0.0.1` has no domain. */
const DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!(?:[0-9]+|0x[0-9a-f]*)$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 5321, 4.5.3.1.3: a path has 256 octets, of which two are brackets. */
const MAX_LENGTH = 254;

/**
 * Parses an ASCII e-mail address. ASCII spaces and tabs around it do not count.
 *
 * @returns the address in lower case, or undefined
 */
export function parseEmailAddress(input: string): string | undefined {
  const trimmed = trimOptionalWhitespace(input);
  // Check for ASCII first: lower-casing the Kelvin sign gives a plain k.
  if (trimmed.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(trimmed)) return undefined;
  const address = trimmed.toLowerCase();
  const at = address.indexOf('@');
  const isValid =
    at !== -1 && LOCAL_PART.test(address.slice(0, at)) && DOMAIN.test(address.slice(at + 1));
  return isValid ? address : undefined;
}
