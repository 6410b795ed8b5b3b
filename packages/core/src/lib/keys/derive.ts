import { createHmac, hash, hkdfSync } from 'node:crypto';

/**
 * Joins parts so that no two lists give the same string: each part is preceded by its length in UTF-16 units. The first
 * part is the purpose of what is derived, different for every derivation.
 */
export function lengthPrefixed(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

/** SHA-256 of the parts as base64url: a name that depends on no secret. */
export function digest(parts: readonly string[]): string {
  return hash('sha256', lengthPrefixed(parts), 'base64url');
}

/** A key of 32 bytes by HKDF-SHA-256 (RFC 5869), without salt and with the parts as `info`. */
export function deriveKey(secret: Uint8Array, parts: readonly string[]): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', lengthPrefixed(parts), 32));
}

/**
 * HMAC-SHA-256 of the parts as base64url: the name of something private in the store, which nobody can guess without
 * the secret.
 */
export function deriveName(secret: Uint8Array, parts: readonly string[]): string {
  return createHmac('sha256', secret).update(lengthPrefixed(parts)).digest('base64url');
}
