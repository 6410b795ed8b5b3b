// Every gate, one after the other, up to the first that fails. The last line is what CI reads: `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm, root, run } from './lib/run.mjs';

const report = join(mkdtempSync(join(tmpdir(), 'otp-tests-')), 'vitest.json');
process.once('exit', () => rmSync(join(report, '..'), { recursive: true, force: true }));

/**
 * @param {string} script
 * @param {string[]} args
 */
const node = (script, ...args) => run(process.execPath, [join(root, 'scripts', script), ...args]);

// `biome ci` colours what it writes even to a file.
const plain = process.stdout.isTTY ? [] : ['--colors=off'];

/** The others need a compiler (Lambda's runtime client) or minutes: `pnpm test:lambda`, `pnpm test:next`. */
const PROJECTS = [
  'unit',
  'integration',
  'test-servers',
  'store-redis',
  'store-postgres',
  'store-dynamodb',
  'e2e',
];

/** @type {[name: string, run: () => Promise<unknown>][]} */
const steps = [
  // Also where `pnpm run` sees nothing to do, for example after the lock file alone has changed.
  ['install', () => pnpm(['install', '--frozen-lockfile', '--reporter=append-only'])],
  ['format and lint', () => run('biome', ['ci', '--error-on-warnings', ...plain, '.'])],
  ['types', () => node('check-types.mjs')],
  ['unused code', () => run('knip', [])],
  ['case table', () => node('cases-table.mjs', '--check')],
  [
    'build',
    // The Next example takes as long as all others together; `pnpm test:next` builds it.
    () =>
      pnpm([
        '--recursive',
        '--filter=!@otp/example-next',
        '--reporter=append-only',
        'run',
        'build',
      ]),
  ],
  ['package checks', () => node('check-packages.mjs')],
  ['bundle size', () => node('check-bundle.mjs')],
  [
    'tests',
    () =>
      run('vitest', [
        'run',
        ...PROJECTS.map((name) => `--project=${name}`),
        '--allowOnly=false',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ]),
  ],
];

function readCounts() {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: Number(result.numPassedTests),
      failed: Number(result.numFailedTests),
      skipped: Number(result.numPendingTests) + Number(result.numTodoTests),
    };
  } catch {
    // No report: a step before the tests failed, or vitest did not get to its end.
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/** @param {number} since */
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** @type {string[]} */
const reasons = [];
const started = performance.now();
for (const [name, step] of steps) {
  console.log(`\n=== ${name}`);
  const since = performance.now();
  try {
    await step();
    console.log(`=== ${name}: ok, ${seconds(since)}`);
  } catch (error) {
    reasons.push(`${name}: ${error instanceof Error ? error.message : error}`);
    console.log(`=== ${name}: FAILED, ${seconds(since)}`);
    break;
  }
}

const { passed, failed, skipped } = readCounts();
if (reasons.length === 0 && passed + failed === 0) reasons.push('tests: none was executed');
if (skipped > 0) reasons.push(`tests: ${skipped} skipped or to do, which would hide a failure`);
for (const reason of reasons) console.log(`FAILED ${reason}`);
console.log(`all steps: ${seconds(started)}\n`);
if (reasons.length > 0) process.exitCode = 1;
console.log(`${passed} passed, ${reasons.length > 0 ? Math.max(failed, 1) : failed} failed`);
