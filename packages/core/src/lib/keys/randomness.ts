import { randomBytes, randomInt } from 'node:crypto';
import type { Randomness } from '../ports.js';

/** The default of the `randomness` option. */
export const NODE_RANDOMNESS: Randomness = { bytes: randomBytes, int: randomInt };

/** A random `op` for one logical call of the store; see `OtpStore`. */
export function createOp({ random }: { readonly random: Randomness }): string {
  return random.bytes(12).toString('base64url');
}
