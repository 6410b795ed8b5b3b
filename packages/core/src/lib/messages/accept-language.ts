/** The tags that there are templates for, by their lower-case form. */
export type Locales = ReadonlyMap<string, string>;

/** What is read of a header, however long it is: browsers send a few dozen characters. */
const MAX_CHARACTERS = 512;
const MAX_RANGES = 16;

/** RFC 4647, 2.1, with a weight as in RFC 9110, 12.4.2. A wildcard is left out: lookup ignores it (RFC 4647, 3.4). */
const RANGE =
  /^[ \t]*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * The best tag for an `Accept-Language` (RFC 9110, 12.5.4), by lookup (RFC 4647, 3.4): ranges in the order of their
 * weights, each shortened until there is one. Undefined when there is none; what is malformed is passed over.
 */
export function preferredLocale(fields: readonly string[], locales: Locales): string | undefined {
  const { wanted, refused } = parseRanges(fields);
  for (const { range } of wanted) {
    const found = lookupLocale(range, locales, refused);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The tag itself, or the nearest shorter one. */
export function lookupLocale(
  tag: string,
  locales: Locales,
  refused?: ReadonlySet<string>,
): string | undefined {
  let range = tag.toLowerCase();
  while (range !== '') {
    const found = locales.get(range);
    if (found !== undefined && !refused?.has(range)) return found;
    // A single letter or digit introduces what follows, and goes with it.
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
  /** Of weight 0: not acceptable. */
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
  // Stable: of the same weight, the first.
  return { wanted: wanted.sort((a, b) => b.weight - a.weight), refused };
}

/** Field lines are one list (RFC 9110, 5.3). One that is cut off loses its last element, which may be half of one. */
function readBounded(fields: readonly string[]): string {
  let text = '';
  for (const [index, field] of fields.entries()) {
    if (index > 0) text += ',';
    // One character too many tells that there are more.
    text += field.slice(0, MAX_CHARACTERS + 1 - text.length);
    if (text.length > MAX_CHARACTERS) {
      return text.slice(0, Math.max(0, text.lastIndexOf(',')));
    }
  }
  return text;
}
