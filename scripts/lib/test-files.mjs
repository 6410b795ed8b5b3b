import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './run.mjs';

/**
 * Only in `npm run test:full`: the examples but the main path of the first one, and tests that take many seconds for a
 * part that seldom changes.
 */
const FULL_ONLY = [
  /^examples\/(?:lambda|next)\/test\//,
  /^examples\/docs\/test\/(?:fastify\.|from-|hono\.|openapi\.|readmes\.)/,
  /^examples\/express\/test\/(?!(?:inbox|standalone|step-up)\.)/,
  /^packages\/(?:express|fastify)\/test\/handle\.differential\.integration\.test\.ts$/,
  /^packages\/(?:express\/test\/hosts|fastify\/test\/nest)\.integration\.test\.ts$/,
  /^packages\/fetch\/test\/runtimes\.integration\.test\.ts$/,
  /^packages\/next\/test\/config\.integration\.test\.ts$/,
  /^packages\/store-\w+\/test\/simulation\.integration\.test\.ts$/,
  /^packages\/store-dynamodb\/test\/(?:races|service)\.integration\.test\.ts$/,
  /^packages\/store-redis\/test\/(?:cluster-faults|cluster-migration|sentinel)\.integration\.test\.ts$/,
  /^packages\/testing\/src\/lib\/store-processes\/store-process-suite\.test\.ts$/,
  /^test\/servers\/servers\.integration\.test\.ts$/,
];

/** In both, with fewer inputs or rounds in `npm test`: tests that use test/depth.ts. */
const SCALED = [
  /^packages\/core\/test\/.*\.property\.test\.ts$/,
  /^packages\/core\/test\/(?:memory-store|model|races|simulation)\.cases\.test\.ts$/,
  /^packages\/core\/test\/(?:contract|lockout\.simulation)\.test\.ts$/,
  /^packages\/store-dynamodb\/test\/store\.integration\.test\.ts$/,
  /^packages\/store-postgres\/test\/(?:crashes|races|service|waits)\.integration\.test\.ts$/,
  /^packages\/store-redis\/test\/(?:clients|conformance|processes|server-faults)\.integration\.test\.ts$/,
  /^test\/compare-adapter\.test\.ts$/,
];

const FOLDERS = ['packages', 'examples', 'scripts', 'test'];
const SKIPPED = new Set(['node_modules', 'dist', '.next']);

/** @returns {string[]} every test file of the repository, relative to the root, with `/` */
export function testFiles() {
  return FOLDERS.flatMap((name) => filesIn(join(root, name)))
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort();
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

/** @param {readonly RegExp[]} patterns @param {string} file */
const matches = (patterns, file) => patterns.some((pattern) => pattern.test(file));

/** @type {Readonly<Record<string, (file: string) => boolean>>} */
const SELECTIONS = {
  all: () => true,
  quick: (file) => !matches(FULL_ONLY, file),
  // What `npm test` has left out, or done with fewer inputs.
  rest: (file) => matches([...FULL_ONLY, ...SCALED], file),
};

/**
 * @param {string} [selection] the variable `OTP_TEST_FILES`: `all` unless set, `quick` or `rest`
 * @returns {string[]} the test files that a run leaves out
 */
export function excludedTestFiles(selection = 'all') {
  const isSelected = SELECTIONS[selection];
  if (isSelected === undefined) {
    throw new TypeError(`OTP_TEST_FILES must be ${Object.keys(SELECTIONS).join(', ')}.`);
  }
  return testFiles().filter((file) => !isSelected(file));
}

const DEPTH = 'test/depth.ts';

/**
 * @param {import('dependency-cruiser').ICruiseResult} result
 * @returns {string[]} what is wrong with FULL_ONLY and SCALED
 */
export function findListFaults({ modules }) {
  const files = testFiles();
  const importers = new Map(modules.map(({ source, dependents }) => [source, dependents]));
  const scaled = new Set(importers.get(DEPTH));
  for (const each of scaled) for (const importer of importers.get(each) ?? []) scaled.add(importer);
  return [
    ...[...FULL_ONLY, ...SCALED]
      .filter((pattern) => !files.some((file) => pattern.test(file)))
      .map((pattern) => `scripts/lib/test-files.mjs: no test file matches ${pattern}`),
    ...files
      .filter((file) => scaled.has(file) && !matches([...FULL_ONLY, ...SCALED], file))
      .map((file) => `scripts/lib/test-files.mjs: ${file} uses ${DEPTH}, so SCALED must list it`),
    ...files
      .filter((file) => !scaled.has(file) && matches(SCALED, file))
      .map((file) => `scripts/lib/test-files.mjs: ${file} is in SCALED and does not use ${DEPTH}`),
  ];
}
