import type { Randomness } from '../ports.js';

/** Digits of a code. NIST SP 800-63B-4, 3.1.3.2 asks for six at least. */
export const CODE_LENGTH = { default: 6, min: 6, max: 10 } as const;

/** A uniformly random decimal code of `digits` digits, zero-padded. */
export function createCode(digits: number, random: Randomness): string {
  return String(random.int(10 ** digits)).padStart(digits, '0');
}

/**
 * Characters that a keyboard, an autofill or a copied message puts around and between digits. U+034F is the one invisible
 * joiner that is neither a format character nor a variation selector.
 */
const IGNORED = /\p{White_Space}|\p{Dash}|\p{Cf}|\p{Variation_Selector}|\u034f/gu;

/**
 * Reads a code as people type and paste it: in the digits of any one script, with white space, dashes and invisible
 * format characters anywhere.
 *
 * @returns 4 to 10 ASCII digits; undefined for other characters, also for digits of several scripts
 */
export function normalizeCode(typed: string): string | undefined {
  const digits = typed.replace(IGNORED, '');
  if (!/^\p{Nd}{4,10}$/u.test(digits)) return undefined;
  const points = Array.from(digits, (digit) => digit.codePointAt(0) ?? 0);
  const values = points.map(valueOfDigit);
  const zeros = new Set(points.map((point, index) => point - (values[index] ?? 0)));
  return zeros.size === 1 ? values.join('') : undefined;
}

/** Unicode encodes the digits of each script in a row, from zero to nine (The Unicode Standard, 4.6); some rows adjoin. */
function valueOfDigit(point: number): number {
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(point - before - 1))) before += 1;
  return before % 10;
}
