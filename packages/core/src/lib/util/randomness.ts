import { randomBytes, randomInt } from 'node:crypto';
import type { Randomness } from '../ports.js';

/** One call to the generator for many requests: the call costs more than the bytes. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** Each byte is handed out once, as a view: a copy would cost more than the bytes, too. */
function bytes(size: number): Buffer {
  if (size > POOL_BYTES) return randomBytes(size);
  if (used + size > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += size;
  return pool.subarray(used - size, used);
}

export const CRYPTO_RANDOMNESS: Randomness = { bytes, int: (below) => randomInt(below) };
