import { hash } from 'node:crypto';

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

/**
 * The input of the one-step key derivation of NIST SP 800-56C Rev. 2, 4.1: counter, secret, then what the
 * output is for. The first thing in `parts` is a purpose, so that no output serves two.
 */
function oneStep(secret: string, parts: readonly string[]): string {
  return `\0\0\0\x01${lengthPrefixed([secret])}${lengthPrefixed(parts)}`;
}

/** A key of 32 bytes for one purpose. */
export function deriveKey(secret: string, parts: readonly string[]): Buffer {
  return hash('sha256', oneStep(secret, parts), 'buffer');
}

/**
 * A name in the store for something private, base64url. SHA-512/256 (FIPS 180-4) shows half of its state,
 * so that nobody can compute the name of a longer input from it.
 */
export function deriveName(secret: string, parts: readonly string[]): string {
  return hash('sha512-256', oneStep(secret, parts), 'base64url');
}
