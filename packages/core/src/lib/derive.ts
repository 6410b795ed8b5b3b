import { createHmac, hash } from 'node:crypto';

/**
 * Joins parts so that no two lists give one text: each is preceded by its length in UTF-16 units.
 * Every derivation starts with a purpose string of its own.
 */
export function lengthPrefixed(parts: readonly string[]): string {
  let joined = '';
  for (const part of parts) joined += `${part.length}:${part}`;
  return joined;
}

/** SHA-256 of the parts as base64url. */
export function digest(parts: readonly string[]): string {
  return hash('sha256', lengthPrefixed(parts), 'base64url');
}

/** HMAC-SHA-256 of the parts, 32 bytes. */
export function deriveKey(secret: Buffer, parts: readonly string[]): Buffer {
  return createHmac('sha256', secret).update(lengthPrefixed(parts)).digest();
}

/** HMAC-SHA-256 of the parts, cut to 128 bits, as base64url: a name in the store for something private. */
export function deriveName(secret: Buffer, parts: readonly string[]): string {
  return createHmac('sha256', secret)
    .update(lengthPrefixed(parts))
    .digest('base64url')
    .slice(0, 22);
}
