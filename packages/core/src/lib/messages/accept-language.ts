/** Tags of the languages that have a template, by their lower-case form. */
export type Locales = ReadonlyMap<string, string>;

/** The rest of a longer header is ignored. Browsers send a few dozen characters. */
const MAX_CHARACTERS = 512;
const MAX_RANGES = 16;

/** RFC 4647, 2.1, with a weight as in RFC 9110, 12.4.2. Lookup ignores wildcards (RFC 4647, 3.4). */
const RANGE =
  /^[ \t]*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * Finds the best language for a request by lookup (RFC 4647, 3.4). Malformed ranges are ignored.
 *
 * @param fields the values of `Accept-Language` (RFC 9110, 12.5.4)
 * @returns the tag of a template, or undefined when no range matches one
 */
export function preferredLocale(fields: readonly string[], locales: Locales): string | undefined {
  const { wanted, refused } = parseRanges(fields);
  for (const { range } of wanted) {
    const found = lookupLocale(range, locales, refused);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Looks up a tag, then the shorter tags that it begins with, which are less specific. */
export function lookupLocale(
  tag: string,
  locales: Locales,
  refused?: ReadonlySet<string>,
): string | undefined {
  let range = tag.toLowerCase();
  while (range !== '') {
    const found = locales.get(range);
    if (found !== undefined && !refused?.has(range)) return found;
    // A single letter or digit introduces the next subtag and is removed with it (RFC 4647, 3.4).
    range = range.slice(0, Math.max(0, range.lastIndexOf('-'))).replace(/-[a-z0-9]$/, '');
  }
  return undefined;
}

interface Weighted {
  readonly range: string;
  readonly weight: number;
}

interface Ranges {
  readonly wanted: readonly Weighted[];
  /** Ranges of weight 0: not acceptable (RFC 9110, 12.4.2). */
  readonly refused: ReadonlySet<string>;
}

const NONE: Ranges = { wanted: [], refused: new Set() };

function parseRanges(fields: readonly string[]): Ranges {
  const text = readBounded(fields);
  if (text === '') return NONE;
  const wanted: Weighted[] = [];
  const refused = new Set<string>();
  for (const element of text.split(',', MAX_RANGES)) {
    const [, range, q = '1'] = RANGE.exec(element) ?? [];
    if (range === undefined) continue;
    const weight = Number(q);
    if (weight === 0) refused.add(range.toLowerCase());
    else wanted.push({ range, weight });
  }
  // The sort is stable: of two ranges with the same weight, the first comes first.
  return { wanted: wanted.sort((a, b) => b.weight - a.weight), refused };
}

/** Several field lines are one list (RFC 9110, 5.3). A list that is cut loses its last element, which may be incomplete. */
function readBounded(fields: readonly string[]): string {
  let text = '';
  for (const [index, field] of fields.entries()) {
    if (index > 0) text += ',';
    // One character over the limit shows that there is more.
    text += field.slice(0, MAX_CHARACTERS + 1 - text.length);
    if (text.length > MAX_CHARACTERS) {
      return text.slice(0, Math.max(0, text.lastIndexOf(',')));
    }
  }
  return text;
}
