/** An error as text, with whatever looks like an address, a number, a code or a token cut out. */
export interface RedactedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: RedactedError;
}

/** What a local part may hold: RFC 5322 `atext`, and dots. */
const LOCAL = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]";
/** What a label of a host name may hold, also in the letters that `xn--` stands for. */
const LABEL = String.raw`[\p{L}\p{M}\p{N}-]`;
/** As `normalizeIdentifier` takes it: the last label is no number, for `ioredis@6.0.0` is a version. */
const HOST = String.raw`${LABEL}+(?:\.${LABEL}+)*\.(?![0-9]+(?!${LABEL}))${LABEL}+`;
const ADDRESS = `${LOCAL}+(?:@|%40)${HOST}`;

/** Between the digits of a code or a phone number, as people and typesetters group them; `Cf` cannot be seen. */
const GAP = String.raw`\p{Zs}\p{Cf}()._\u2010-\u2015\u2212-`;

/**
 * Each takes time that grows as the text does: none begins in the middle of a run whose start has failed, and none
 * has two ways through the same characters.
 */
function createPatterns(): readonly RegExp[] {
  return [
    // Addresses first, or half of a long one passes for a token. What joins two of them belongs to the second.
    new RegExp(`(?<!${LOCAL})${ADDRESS}(?:${ADDRESS})*`, 'gu'),
    // JSON Web Tokens: three dotted runs. Cookies and keys: one long run.
    /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
    /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}/g,
    // IPv4, also when its digits are too few for the next.
    /[0-9]{1,3}(?:\.[0-9]{1,3}){3}/g,
    // Phone numbers with slashes: fewer digits are a count or a date.
    new RegExp(
      String.raw`\+[0-9](?:[/${GAP}]{0,2}[0-9]){6,}|[0-9](?:[/${GAP}]{0,2}[0-9]){8,}`,
      'gu',
    ),
    // Codes and other phone numbers.
    new RegExp(String.raw`\+?[0-9](?:[${GAP}]{0,2}[0-9]){5,}`, 'gu'),
    // IPv6.
    /(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}|[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*::[0-9a-fA-F:]*|::[0-9a-fA-F][0-9a-fA-F:]*/g,
  ];
}

/** Made for the first error: the classes of Unicode take milliseconds, which a cold start has no use for. */
let patterns: readonly RegExp[] | undefined;

/** Longer texts are cut: nobody reads them, and what hostile input costs is bounded. */
const MAX_TEXT = 4_000;

export function redact(text: string): string {
  // Without the word that the cut goes through: half a token would not be recognised as one.
  const short = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT).replace(/(?<!\S)\S*$/, '…') : text;
  patterns ??= createPatterns();
  return patterns.reduce((left, pattern) => left.replace(pattern, '[redacted]'), short);
}

const MAX_CAUSES = 4;

/** Describes whatever was thrown. Properties of errors are left out: drivers put requests there. */
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

/** Anything can be thrown, also what has no text. */
function toText(value: unknown): string {
  try {
    return redact(String(value));
  } catch {
    return '[no text]';
  }
}
