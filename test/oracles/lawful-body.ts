const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/**
 * Whether the contract allows a body, members aside, stated without the library: strict UTF-8, at most 8 KiB, one JSON
 * object of at most 16 members, at most 32 deep, without forbidden names, NUL and lone surrogates. Duplicate members are
 * not checked.
 */
export function isLawfulBody(body: string | Uint8Array | undefined): boolean {
  const bytes = Buffer.from(body ?? '');
  if (bytes.length > 8192) return false;
  try {
    const value: unknown = JSON.parse(DECODER.decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && Object.keys(value).length <= 16 && depthOf(value) <= 32;
  } catch {
    return false;
  }
}

/** The depth of nesting; infinite if a value or name is not allowed. */
function depthOf(value: unknown): number {
  if (typeof value === 'string') return isLawfulText(value) ? 0 : Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const [name, member] of Object.entries(value)) {
    const isLawful = isLawfulText(name) && !FORBIDDEN.includes(name);
    deepest = Math.max(deepest, isLawful ? depthOf(member) : Number.POSITIVE_INFINITY);
  }
  return deepest + 1;
}

function isLawfulText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
