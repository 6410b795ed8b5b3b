import { timingSafeEqual } from 'node:crypto';
import type { Randomness } from '../ports.js';

/** Digits of a code. NIST SP 800-63B-4, 3.1.3.2 asks for six at least. */
export const CODE_LENGTH = { default: 6, min: 6, max: 10 } as const;

/** A uniformly random decimal code of `digits` digits, zero-padded. */
export function createCode(digits: number, random: Randomness): string {
  return String(random.int(10 ** digits)).padStart(digits, '0');
}

/** Compares in constant time for codes of equal length; the length is no secret. */
export function codesMatch(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Removes the spaces and hyphens that people type between digits.
 *
 * @returns 4 to 10 ASCII digits, or undefined for any other input, which is refused and not repaired
 */
export function normalizeCode(typed: string): string | undefined {
  const digits = typed.replace(/[ -]/g, '');
  return /^[0-9]{4,10}$/.test(digits) ? digits : undefined;
}
