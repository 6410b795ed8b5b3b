import { timingSafeEqual } from 'node:crypto';
import type { Randomness } from '../ports.js';

/** A uniformly random decimal code of `digits` digits, zero-padded. */
export function createCode(digits: number, random: Randomness): string {
  return String(random.int(10 ** digits)).padStart(digits, '0');
}

/** Compares in constant time for codes of one length; the length itself is no secret. */
export function codesMatch(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What people type between the digits. Anything else is no code and is refused, not repaired. */
export function normalizeCode(typed: string): string | undefined {
  const digits = typed.replace(/[ -]/g, '');
  return /^[0-9]{4,10}$/.test(digits) ? digits : undefined;
}
