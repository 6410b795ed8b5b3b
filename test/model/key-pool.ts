import { generateKeys, type SigningKey } from '@otp/core';
import type { Keys } from './book.js';

type Pair = ReturnType<typeof generateKeys>;

/** Generated once for all runs, since generating a key takes longer than a request. */
const pairs = new Map<string, Pair>();

export const LIMITS_SECRET = generateKeys().keyring.limits;

/** The active key and earlier ones; the next key after a rotation. */
export const FIRST_KEYS: Keys = { active: 'k1', known: ['k1'] };

export function rotated({ active, known }: Keys): Keys {
  const next = `k${Number(active.slice(1)) + 1}`;
  return { active: next, known: [next, ...known] };
}

export function retired({ active }: Keys): Keys {
  return { active, known: [active] };
}

export function secretsOf({ known }: Keys): Record<string, string> {
  return Object.fromEntries(known.map((name) => [name, pairOf(name).keyring.limits]));
}

export function signingKeysOf({ known }: Keys): SigningKey[] {
  return known.map((name) => ({ ...pairOf(name).signingKeys[0], kid: name }));
}

function pairOf(name: string): Pair {
  const pair = pairs.get(name) ?? generateKeys();
  pairs.set(name, pair);
  return pair;
}
