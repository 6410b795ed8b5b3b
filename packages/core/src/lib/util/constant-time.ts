import { timingSafeEqual } from 'node:crypto';

/** Compares in constant time for values of equal length; the length is no secret. */
export function equalsInConstantTime(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
