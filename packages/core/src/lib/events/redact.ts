/** An error as strings, without what looks like an address, a phone number, a code or a token. */
export interface RedactedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: RedactedError;
}

/** The characters of a local part: RFC 5322 `atext` and dots. */
const LOCAL = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]";
/** The characters of a label of a host name, internationalised ones included. */
const LABEL = String.raw`[\p{L}\p{M}\p{N}-]`;
/** As in `normalizeIdentifier`, the last label is not a number: `ioredis@6.0.0` is a version. */
const HOST = String.raw`${LABEL}+(?:\.${LABEL}+)*\.(?![0-9]+(?!${LABEL}))${LABEL}+`;
const ADDRESS = `${LOCAL}+(?:@|%40)${HOST}`;

/** Characters that group the digits of a code or a phone number; those of class `Cf` are invisible. */
const GAP = String.raw`\p{Zs}\p{Cf}()._\u2010-\u2015\u2212-`;

/**
 * What is cut out. The time of each pattern is linear in the length of the text: none starts in the middle of a run
 * whose start has failed, and none matches the same characters in two ways.
 */
const PATTERNS: readonly RegExp[] = [
  // The user and the password of a URL.
  /(?<=:\/\/)[^\s/?#]+(?=@)/g,
  // Addresses first: half of a long one passes for a token. Where two are joined, the joint belongs to the second.
  new RegExp(`(?<!${LOCAL})${ADDRESS}(?:${ADDRESS})*`, 'gu'),
  // JSON Web Tokens: three dotted runs. Cookies and keys: one long run.
  /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}/g,
  // IPv4, also with too few digits for the next pattern.
  /[0-9]{1,3}(?:\.[0-9]{1,3}){3}/g,
  // Phone numbers with slashes: fewer digits are a count or a date.
  new RegExp(String.raw`\+[0-9](?:[/${GAP}]{0,2}[0-9]){6,}|[0-9](?:[/${GAP}]{0,2}[0-9]){8,}`, 'gu'),
  // Codes and other phone numbers.
  new RegExp(String.raw`\+?[0-9](?:[${GAP}]{0,2}[0-9]){5,}`, 'gu'),
  // IPv6.
  /(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}|[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*::[0-9a-fA-F:]*|::[0-9a-fA-F][0-9a-fA-F:]*/g,
];

/** Longer texts are cut, which bounds the cost of hostile input. */
const MAX_LENGTH = 4_000;

/** Cuts out addresses, phone numbers, codes, tokens and IP addresses. */
export function redact(text: string): string {
  // A word that the cut goes through is dropped: half a token would not be recognised.
  const short =
    text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH).replace(/(?<!\S)\S*$/, '…') : text;
  return PATTERNS.reduce((left, pattern) => left.replace(pattern, '[redacted]'), short);
}

const MAX_CAUSES = 4;

/** Describes a thrown value. Other properties of an error are left out: drivers put requests there. */
export function describeError(thrown: unknown): RedactedError {
  try {
    return describe(thrown, 0);
  } catch {
    // Properties may be getters that throw.
    return { name: typeof thrown, message: '[no text]' };
  }
}

function describe(thrown: unknown, depth: number): RedactedError {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: toText(thrown) };
  const { name, message, stack, cause } = thrown;
  return {
    name: toText(name),
    message: toText(message),
    ...(stack === undefined ? {} : { stack: toText(stack) }),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describe(cause, depth + 1) }),
  };
}

/** A thrown value may have no string form. */
function toText(value: unknown): string {
  try {
    return redact(String(value));
  } catch {
    return '[no text]';
  }
}
