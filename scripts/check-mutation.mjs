// Reads stryker's report: each hot file has a high score, each survivor is listed with its reason in
// mutation-survivors.json, and each listed one still survives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hotFiles } from './lib/hot-files.mjs';
import { root } from './lib/run.mjs';

const LEAST_PERCENT = 92;

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

const hot = hotFiles();

for (const file of hot) {
  const { mutants } = files[file] ?? { mutants: [] };
  const caught = mutants.filter(isCaught).length;
  const counted = caught + mutants.filter(isMissed).length;
  // Types alone cannot be mutated.
  if (counted === 0) continue;
  const percent = (100 * caught) / counted;
  console.log(`${percent.toFixed(1).padStart(6)} % ${file}`);
  if (percent < LEAST_PERCENT) {
    reasons.push(`${file}: ${percent.toFixed(1)} % is less than ${LEAST_PERCENT} %`);
  }
}

// One line may have the same mutant twice, so each survivor takes one entry.
const open = listed.map(keyOf);
for (const key of hot.flatMap(survivorsOf).map(keyOf)) {
  const index = open.indexOf(key);
  if (index === -1) reasons.push(`survivor without a reason: ${key}`);
  else open.splice(index, 1);
}
for (const key of open) reasons.push(`listed, and no longer a survivor: ${key}`);
for (const { reason, ...survivor } of listed) {
  if (!hot.includes(survivor.file)) reasons.push(`listed, and not a hot file: ${survivor.file}`);
  if (!reason?.trim()) reasons.push(`listed without a reason: ${keyOf(survivor)}`);
}

for (const reason of reasons) console.log(`FAILED ${reason}`);
console.log(`${listed.length} survivors of hot files are listed`);
if (reasons.length > 0) process.exitCode = 1;
