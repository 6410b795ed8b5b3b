import { randomBytes, randomInt } from 'node:crypto';
import type { Randomness } from './ports.js';

export const CRYPTO_RANDOMNESS: Randomness = {
  bytes: (size) => randomBytes(size),
  int: (below) => randomInt(below),
};
