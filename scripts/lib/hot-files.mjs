import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const LIB = 'packages/core/src/lib';

/**
 * Files and rooms of core that decide about a guess, a token or a recipient. Each branch has a test (`pnpm coverage`),
 * and each mutant is killed or listed with a reason (`pnpm mutation`).
 */
const HOT = [
  'challenge',
  'http/cookie.ts',
  'identifier/identifier.ts',
  'limit-options',
  'limits',
  'operations/check.ts',
  'operations/consume.ts',
  'verification/code.ts',
];

/** @returns {string[]} relative to the root; throws where HOT names a file that has gone */
export function hotFiles() {
  return HOT.flatMap((name) => {
    const path = join(root, LIB, name);
    if (statSync(path).isFile()) return [`${LIB}/${name}`];
    return readdirSync(path)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => `${LIB}/${name}/${file}`);
  });
}
