import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import type { Randomness } from './ports.js';

/** One call to the generator for many requests: the call costs more than the bytes. */
const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

function bytes(size: number): Buffer {
  if (size > POOL_BYTES) return randomBytes(size);
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + size));
  // Handed out once, and not left lying about.
  pool.fill(0, used, used + size);
  used += size;
  return taken;
}

export const CRYPTO_RANDOMNESS: Randomness = { bytes, int: (below) => randomInt(below) };
