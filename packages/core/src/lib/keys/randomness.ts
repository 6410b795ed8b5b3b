import { randomBytes, randomInt } from 'node:crypto';
import type { Randomness } from '../ports.js';

/** The default of the `randomness` option. */
export const NODE_RANDOMNESS: Randomness = { bytes: randomBytes, int: randomInt };
