// Runs the gates of one part, up to the first that fails:
//   node scripts/test.mjs quick   what a contributor waits for (`npm test`)
//   node scripts/test.mjs full    everything, with as many inputs and rounds as we have (`npm run test:full`)
//   node scripts/test.mjs rest    what `quick` leaves out of `full` (CI, after `npm test`)
// The last line is `N passed, N failed`.
import { join } from 'node:path';
import { conclude, openReports, readCounts } from './lib/counts.mjs';
import { testOnNodes } from './lib/nodes.mjs';
import { pnpm, root, run } from './lib/run.mjs';

const PARTS = ['quick', 'full', 'rest'];
const [, , part = ''] = process.argv;
if (!PARTS.includes(part)) throw new Error(`node scripts/test.mjs ${PARTS.join(' | ')}`);

const reports = openReports();
const isQuick = part === 'quick';
/** See scripts/lib/test-files.mjs and test/depth.ts. */
const env = {
  ...process.env,
  // Output is collected, and shown only where a gate fails.
  NO_COLOR: '1',
  OTP_TEST_FILES: part === 'full' ? 'all' : part,
  OTP_TEST_DEPTH: isQuick ? 'quick' : 'full',
};

/**
 * @typedef {object} Gate
 * @property {string} name
 * @property {() => Promise<unknown>} run rejects with the output of what failed
 */

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @returns {Gate}
 */
const gate = (name, command, ...args) => ({
  name,
  run: () => run(command, args, { env, quiet: true }),
});

/**
 * @param {string} name
 * @param {string} script
 * @param {string[]} args
 */
const node = (name, script, ...args) =>
  gate(name, process.execPath, join(root, 'scripts', script), ...args);

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {Gate}
 */
const pnpmGate = (name, ...args) => ({ name, run: () => pnpm(args, { quiet: true }) });

/**
 * @param {string} name
 * @param {string} workers of the machine's cores, which three lanes share: with too many, time limits in tests are missed
 * @param {string[]} projects see vitest.config.ts
 */
const vitest = (name, workers, ...projects) =>
  gate(
    name,
    'vitest',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--allowOnly=false',
    `--maxWorkers=${workers}`,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, `${part} ${name}.json`)}`,
  );

/** Also needed where `pnpm run` sees nothing to do, for example after the lock file alone has changed. */
const install = pnpmGate('install', 'install', '--frozen-lockfile', '--reporter=append-only');
/** Compiled once on a machine. */
const lambdaRuntime = node("Lambda's runtime client", 'ensure-lambda-ric.mjs');
const demo = node('build of the demo', 'build-demo.mjs');

const staticGates = [
  gate('format and lint', 'biome', 'ci', '--error-on-warnings', '--colors=off', '.'),
  gate('Markdown', 'markdownlint-cli2'),
  node('links', 'check-links.mjs'),
  node('commit messages', 'check-commits.mjs'),
  node('reference', 'reference.mjs', '--check'),
  node('OpenAPI', 'openapi.mjs', '--check'),
  node('figures', 'plot.mjs', '--check'),
  node('case table', 'cases-table.mjs', '--check'),
  node('package metadata', 'metadata.mjs', '--check'),
  node('actions', 'check-actions.mjs'),
  node('imports', 'imports.mjs', '--check'),
  node('test files', 'check-test-files.mjs'),
  gate('unused code', 'knip'),
];
const types = node('types', 'check-types.mjs');
const unitTests = vitest('unit tests', '50%', 'unit');
const storeTests = vitest('stores', '100%', 'test-servers', 'store-*');
/** After all others: it counts waits by the time that they take. */
const waits = vitest('waits', '1', 'waits');
/** The demo is built last: it leaves no declarations, which package checks look at. */
const packageGates = [
  pnpmGate('build', '--recursive', '--reporter=append-only', 'run', 'build'),
  node('package checks', 'check-packages.mjs'),
  node('bundle size', 'check-bundle.mjs'),
  vitest('other runtimes', '1', 'runtimes'),
  vitest('guide for Next', '1', 'e2e-guide'),
];

/** @type {string[]} */
const faults = [];

/** @param {readonly Gate[]} gates */
async function runInTurn(gates) {
  for (const { name, run } of gates) {
    if (faults.length > 0) return;
    console.log(`start  ${name}`);
    const since = performance.now();
    try {
      await run();
      console.log(`ok     ${name}, ${secondsSince(since)} s`);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
      console.log(`FAILED ${name}, ${secondsSince(since)} s`);
    }
  }
}

/** @param {number} since */
const secondsSince = (since) => ((performance.now() - since) / 1000).toFixed(1);

/** Side by side, since hardly a gate keeps more than one core busy. */
async function runQuick() {
  await Promise.all([
    runInTurn([...staticGates, unitTests]),
    runInTurn([storeTests, types]),
    runInTurn([
      demo,
      vitest('demo in Chromium', '50%', 'e2e'),
      lambdaRuntime,
      vitest('frameworks and senders', '50%', 'integration', 'integration-lambda'),
    ]),
  ]);
  await runInTurn([waits]);
}

async function runFull() {
  const building = runInTurn([...packageGates, lambdaRuntime, demo]);
  const waiting = runInTurn([storeTests, vitest('frameworks and senders', '100%', 'integration')]);
  await Promise.all([
    runInTurn(part === 'full' ? [...staticGates, types, unitTests] : [unitTests]),
    building.then(() =>
      runInTurn([vitest('demo and Lambda', '100%', 'e2e', 'integration-lambda', 'e2e-lambda')]),
    ),
    Promise.all([waiting, building]).then(() =>
      runInTurn([vitest('Next example', '100%', 'e2e-next')]),
    ),
  ]);
  const onNodes = () => testOnNodes(reports, { others: true, quiet: true });
  await runInTurn([waits, { name: 'other versions of Node', run: onNodes }]);
}

const started = performance.now();
await runInTurn([install]);
await (isQuick ? runQuick() : runFull());
console.log(`all gates of ${part}: ${secondsSince(started)} s`);
conclude(readCounts(reports), faults);
