import { delimiter, dirname, join } from 'node:path';
import { ensureFromNpm } from './npm-cache.mjs';
import { root, run } from './run.mjs';

/** The newest of each line that we support. */
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];
/** Generated inputs are the same on every engine: many on the newest, few on the others. */
const DEPTHS = {
  newest: { OTP_TEST_DEPTH: 'full', OTP_PROPERTY_RUNS: '20000' },
  others: { OTP_TEST_DEPTH: 'quick' },
};
/** Core and the adapters in their real frameworks, from source. */
const PROJECTS = ['unit', 'integration', 'integration-lambda'];

/** @param {string} version */
const lineOf = (version) => version.split('.')[0];
const OWN_LINE = lineOf(process.versions.node);

/**
 * Runs the suites on each version; rejects after the last one when any has failed.
 *
 * @param {string} reports a folder for what vitest's JSON reporter writes
 * @param {{ others?: boolean, quiet?: boolean }} [options] others: not on the line that runs this, where they have run;
 * quiet: no output unless they fail
 */
export async function testOnNodes(reports, { others = false, quiet = false } = {}) {
  /** @type {string[]} */
  const failures = [];
  for (const version of VERSIONS.filter((each) => !others || lineOf(each) !== OWN_LINE)) {
    console.log(`start  Node ${version}`);
    const since = performance.now();
    const node = ensureNode(version);
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...PROJECTS.map((name) => `--project=${name}`),
      '--allowOnly=false',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(reports, `node-${version}.json`)}`,
    ];
    // First in the PATH, for npm and the compiler of a native add-on.
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
    const depth = version === VERSIONS.at(-1) ? DEPTHS.newest : DEPTHS.others;
    const env = { ...process.env, PATH, ...depth, OTP_TEST_FILES: 'all' };
    const failure = await run(node, args, { env, quiet }).then(
      () => undefined,
      (error) => `Node ${version}: ${error.message}`,
    );
    if (failure !== undefined) failures.push(failure);
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    console.log(`${failure === undefined ? 'ok    ' : 'FAILED'} Node ${version}, ${seconds} s`);
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/**
 * @param {string} version
 * @returns {string} the path of that Node, which is got once for all clones on a machine
 */
function ensureNode(version) {
  // The package `node` is this one and a script that picks it.
  const name = `node-${process.platform}-${process.arch}`;
  return ensureFromNpm('otp-nodes', name, version, join('bin', 'node'));
}
