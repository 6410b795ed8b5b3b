/** The lookbehind keeps the time linear: a run of spaces inside a value is tried once and not from each of its spaces. */
const OPTIONAL_WHITESPACE = /^[ \t]+|(?<![ \t])[ \t]+$/g;

/** Strips optional whitespace (RFC 9110, 5.6.3): SP and HTAB, unlike `trim`, which strips all that Unicode calls space. */
export function trimOptionalWhitespace(value: string): string {
  return value.replace(OPTIONAL_WHITESPACE, '');
}
