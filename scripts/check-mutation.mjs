// Reads stryker's report: the score of core as a whole and of each hot file, and that every survivor of a hot
// file is listed with its reason in mutation-survivors.json, and every listed one still survives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run.mjs';

const LEAST_PERCENT = 80;
const LEAST_HOT_PERCENT = 92;
const LIB = 'packages/core/src/lib/';

/** What a guess, a token or a recipient is decided by. */
const HOT = [
  'answer',
  'challenge',
  'challenge-token',
  'check',
  'claims',
  'code',
  'consume',
  'cookie',
  'dpop',
  'flow',
  'identifier',
  'issue',
  'limits',
].map((name) => `${LIB}${name}.ts`);

/**
 * @typedef {{ mutatorName: string, replacement: string, status: string, location: { start: { line: number } } }} Mutant
 * @typedef {{ source: string, mutants: Mutant[] }} MutatedFile
 * @typedef {{ file: string, mutator: string, line: string, replacement: string }} Survivor
 */

/** @returns {any} */
const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** @type {Record<string, MutatedFile>} */
const files = readJson('reports/mutation/mutation.json').files;
/** @type {(Survivor & { reason: string })[]} */
const listed = readJson('scripts/mutation-survivors.json');

const isCaught = (/** @type {Mutant} */ { status }) => status === 'Killed' || status === 'Timeout';
const isMissed = (/** @type {Mutant} */ { status }) =>
  status === 'Survived' || status === 'NoCoverage';

/** @param {Mutant[]} mutants */
function score(mutants) {
  const caught = mutants.filter(isCaught).length;
  const counted = caught + mutants.filter(isMissed).length;
  return counted === 0 ? 0 : (100 * caught) / counted;
}

/**
 * By the text of the line, which survives a change above it; a number would not.
 * @param {string} file
 * @returns {Survivor[]}
 */
function survivorsOf(file) {
  const { source = '', mutants = [] } = files[file] ?? {};
  const lines = source.split('\n');
  return mutants.filter(isMissed).map(({ mutatorName, replacement, location }) => ({
    file,
    mutator: mutatorName,
    line: (lines[location.start.line - 1] ?? '').trim(),
    replacement,
  }));
}

/** @param {Survivor} survivor */
const keyOf = ({ file, mutator, line, replacement }) =>
  JSON.stringify({ file, mutator, line, replacement });

/** @type {string[]} */
const reasons = [];

/**
 * @param {string} name
 * @param {Mutant[]} mutants
 * @param {number} least
 */
function checkScore(name, mutants, least) {
  const percent = score(mutants);
  console.log(`${percent.toFixed(1).padStart(6)} % ${name}`);
  if (percent < least) reasons.push(`${name}: ${percent.toFixed(1)} % is less than ${least} %`);
}

for (const file of HOT) checkScore(file, files[file]?.mutants ?? [], LEAST_HOT_PERCENT);
const all = Object.values(files).flatMap(({ mutants }) => mutants);
checkScore('core as a whole', all, LEAST_PERCENT);

// One line may have the same mutant twice, so each survivor takes one entry.
const open = listed.map(keyOf);
for (const key of HOT.flatMap(survivorsOf).map(keyOf)) {
  const place = open.indexOf(key);
  if (place === -1) reasons.push(`survivor without a reason: ${key}`);
  else open.splice(place, 1);
}
for (const key of open) reasons.push(`listed and gone: ${key}`);
for (const { reason, ...survivor } of listed) {
  if (!reason?.trim()) reasons.push(`listed without a reason: ${keyOf(survivor)}`);
}

for (const reason of reasons) console.log(`FAILED ${reason}`);
console.log(`${listed.length} survivors of hot files are listed`);
if (reasons.length > 0) process.exitCode = 1;
