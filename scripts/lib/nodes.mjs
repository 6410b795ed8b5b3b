import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root, run } from './run.mjs';

/** The newest of each line that we support. */
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];
/**
 * Generated inputs are the same on every engine: on the newest as few as their tests allow, on the others none.
 * `npm test` has more of them.
 */
const GENERATED = { newest: '20000', others: '0' };
/** Core and the adapters, the latter in their real frameworks; all of it from source. */
const PROJECTS = ['unit', 'integration', 'integration-lambda'];

/** @param {string} version */
const lineOf = (version) => version.split('.')[0];
const OWN_LINE = lineOf(process.versions.node);

/**
 * Runs the suites on each version to its end; rejects when one of them has failed.
 *
 * @param {string} reports a folder for what vitest's JSON reporter writes
 * @param {{ others?: boolean }} [options] others: not on the line that runs this, where they have run
 */
export async function testOnNodes(reports, { others = false } = {}) {
  /** @type {string[]} */
  const failed = [];
  for (const version of VERSIONS.filter((each) => !others || lineOf(each) !== OWN_LINE)) {
    console.log(`--- Node ${version}`);
    const since = performance.now();
    const node = ensureNode(version);
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...PROJECTS.map((name) => `--project=${name}`),
      '--allowOnly=false',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${join(reports, `node-${version}.json`)}`,
    ];
    // First in the PATH, for npm and the compiler of a native add-on.
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
    const runs = version === VERSIONS.at(-1) ? GENERATED.newest : GENERATED.others;
    const env = { ...process.env, PATH, OTP_PROPERTY_RUNS: runs };
    await run(node, args, { env }).catch(() => failed.push(version));
    console.log(`--- Node ${version}: ${((performance.now() - since) / 1000).toFixed(0)} s`);
  }
  if (failed.length > 0) throw new Error(`Node ${failed.join(', ')}: see above`);
}

/**
 * @param {string} version
 * @returns {string} the path of that Node, which is got once for all clones on a machine
 */
function ensureNode(version) {
  // The package `node` is this one and a script that picks it.
  const name = `node-${process.platform}-${process.arch}`;
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(caches, 'otp-nodes', `${version}-${process.platform}-${process.arch}`);
  const node = join('node_modules', name, 'bin', 'node');
  if (!existsSync(join(folder, node))) {
    mkdirSync(dirname(folder), { recursive: true });
    const making = mkdtempSync(`${folder}.`);
    try {
      const flags = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
      execFileSync('npm', ['install', '--prefix', making, ...flags, `${name}@${version}`], {
        cwd: making,
        stdio: ['ignore', 2, 2],
      });
      if (!existsSync(folder)) renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return join(folder, node);
}
