// Every gate, up to the first that fails; with `--nodes` also the suites on the other versions of Node that we support.
// The last line is what CI reads: `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, readCounts } from './lib/counts.mjs';
import { testOnNodes } from './lib/nodes.mjs';
import { pnpm, root, run } from './lib/run.mjs';

const reports = mkdtempSync(join(tmpdir(), 'otp-tests-'));
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<unknown>} run resolves with what there is to show, if it has not shown it
 */

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @returns {Step}
 */
const quietly = (name, command, ...args) => ({
  name,
  run: () => run(command, args, { quiet: true }),
});

/**
 * @param {string} name
 * @param {string} script
 * @param {string[]} args
 */
const node = (name, script, ...args) =>
  quietly(name, process.execPath, join(root, 'scripts', script), ...args);

/** @type {Step} */
const install = {
  name: 'install',
  // Also where `pnpm run` sees nothing to do, for example after the lock file alone has changed.
  run: () => pnpm(['install', '--frozen-lockfile', '--reporter=append-only'], { quiet: true }),
};

/** @type {Step} */
const build = {
  name: 'build',
  run: () => pnpm(['--recursive', '--reporter=append-only', 'run', 'build'], { quiet: true }),
};

/**
 * Collected, since lanes would write into each other's lines.
 *
 * @param {string} name
 * @param {string} workers of the machine's cores, which three lanes share: with too many, time limits in tests are missed
 * @param {string[]} filters of projects, see vitest.config.ts
 */
const vitest = (name, workers, ...filters) =>
  quietly(
    name,
    'vitest',
    'run',
    ...filters.map((filter) => `--project=${filter}`),
    '--allowOnly=false',
    `--maxWorkers=${workers}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, `${name}.json`)}`,
  );

/** What a test says of the sources, and nothing that is built. */
const fromSource = [
  // `biome ci` colours what it writes even to a file.
  quietly('format and lint', 'biome', 'ci', '--error-on-warnings', '--colors=off', '.'),
  node('types', 'check-types.mjs'),
  quietly('unused code', 'knip'),
  node('case table', 'cases-table.mjs', '--check'),
  vitest('unit tests', '50%', 'unit'),
];
/** From source too, and mostly waiting for servers. */
const onServers = [
  vitest('tests of stores', '100%', 'test-servers', 'store-*'),
  vitest('integration tests', '100%', 'integration'),
];
/** The demo is built last: it leaves no declarations, which package checks look at. */
const made = [
  build,
  node('package checks', 'check-packages.mjs'),
  node('bundle size', 'check-bundle.mjs'),
  // Compiled once on a machine.
  node("Lambda's runtime client", 'ensure-lambda-ric.mjs'),
  node('demo', 'build-demo.mjs'),
];
const ofTheDemo = [
  vitest('tests of the demo and of Lambda', '100%', 'e2e', 'integration-lambda', 'e2e-lambda'),
];
const ofNext = [vitest('tests of the Next example', '100%', 'e2e-next')];

/** @type {Step} */
const nodes = {
  name: 'tests on other versions of Node',
  run: () => testOnNodes(reports, { others: true }),
};

/** @param {number} since */
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** @type {string[]} */
const faults = [];

/** @param {readonly Step[]} steps */
async function runInTurn(steps) {
  for (const { name, run } of steps) {
    if (faults.length > 0) return;
    console.log(`=== ${name}`);
    const since = performance.now();
    try {
      const output = await run();
      console.log(`${output || ''}=== ${name}: ok, ${seconds(since)}\n`);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
      console.log(`=== ${name}: FAILED, ${seconds(since)}\n`);
    }
  }
}

const started = performance.now();
await runInTurn([install]);
// What needs nothing of each other, side by side: hardly a step keeps more than one core busy.
const making = runInTurn(made);
await Promise.all([
  runInTurn(fromSource),
  making.then(() => runInTurn(ofTheDemo)),
  Promise.all([runInTurn(onServers), making]).then(() => runInTurn(ofNext)),
]);
if (process.argv.includes('--nodes')) await runInTurn([nodes]);
console.log(`all steps: ${seconds(started)}`);
conclude(readCounts(reports), faults);
