const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are not UTF-8. A byte order mark stays, so that JSON.parse refuses it (RFC 8259, 8.1). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for a string that is not JSON: no JSON value is undefined. */
export function parseJson(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * Undefined also for JSON that has a member twice: of the two, JSON.parse keeps the last and other parsers the first
 * (RFC 8259, 4).
 */
export function parseUniqueJson(json: string | undefined): unknown {
  const value = parseJson(json);
  return json === undefined || hasDuplicates(json, value) ? undefined : value;
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * Whether JSON has a member twice. It has one colon outside of strings for each member that is written, and its value has
 * one key for each member that is kept.
 */
export function hasDuplicates(json: string, value: unknown): boolean {
  const written = json.replace(STRING, '').split(':').length - 1;
  return written > countMembers(value);
}

/** Without recursion: tokens may be nested thousands of levels deep. */
function countMembers(value: unknown): number {
  let count = 0;
  const values = [value];
  for (const each of values) {
    if (typeof each !== 'object' || each === null) continue;
    const members = Object.values(each);
    if (!Array.isArray(each)) count += members.length;
    for (const member of members) values.push(member);
  }
  return count;
}
