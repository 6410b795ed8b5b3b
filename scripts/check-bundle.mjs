// The Lambda example is what the budget for a bundle is measured on: all of the library in one file. Needs a build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './lib/run.mjs';

const BUDGET_KB = 80;
/** More than any part of ours can add: the bundle then holds another metadata set of libphonenumber-js than `mobile`. */
const MAX_KB = 100;

const file = readFileSync(join(root, 'examples', 'lambda', 'dist', 'function', 'index.cjs'));
const kilobytes = gzipSync(file, { level: 9 }).length / 1000;
const found = `Lambda bundle: ${(file.length / 1000).toFixed(1)} kB, ${kilobytes.toFixed(1)} kB gzip`;
if (kilobytes > MAX_KB) throw new Error(`${found}, more than ${MAX_KB} kB`);
const [, said] = /is (\d+) kB gzip/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
if (Math.abs(Number(said) - kilobytes) > 2) throw new Error(`${found}; the README says ${said} kB`);
console.log(`${found}, budget ${BUDGET_KB} kB`);
