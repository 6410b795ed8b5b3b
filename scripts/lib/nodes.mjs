import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root, run } from './run.mjs';

/** The newest of each line that we support. */
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];
/** The inputs of the property tests are the same everywhere, and take minutes: on the newest engine alone. */
const WITH_PROPERTIES = VERSIONS.at(-1);
/** Core and the adapters, the latter in their real frameworks; all of it from source. */
const PROJECTS = ['unit', 'integration', 'integration-lambda'];

/**
 * Runs the suites on each version to its end; rejects when one of them has failed.
 *
 * @param {string} reports a folder for what vitest's JSON reporter writes
 */
export async function testOnNodes(reports) {
  /** @type {string[]} */
  const failed = [];
  for (const version of VERSIONS) {
    console.log(`--- Node ${version}`);
    const node = ensureNode(version);
    const skipped = version === WITH_PROPERTIES ? [] : ['--exclude=**/*.property.test.ts'];
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...PROJECTS.map((name) => `--project=${name}`),
      ...skipped,
      '--allowOnly=false',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${join(reports, `node-${version}.json`)}`,
    ];
    // First in the PATH, for npm and the compiler of a native add-on.
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
    const env = { ...process.env, PATH };
    await run(node, args, { env }).catch(() => failed.push(version));
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
