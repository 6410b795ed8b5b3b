// Type-checks the root's own files and every project, each under its own tsconfig.json.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { projects } from './lib/projects.mjs';
import { root, run } from './lib/run.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const dirs = [root, ...projects().map(({ dir }) => dir)];
const without = dirs.filter((dir) => !existsSync(join(dir, 'tsconfig.json')));
if (without.length > 0) throw new Error(`no tsconfig.json in ${without.join(', ')}`);

const queue = [...dirs];
let failed = false;
async function checkNext() {
  for (let dir = queue.shift(); dir !== undefined; dir = queue.shift()) {
    const name = relative(root, dir) || 'root';
    const output = await run(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
      cwd: dir,
      quiet: true,
    }).catch((error) => {
      failed = true;
      return error.message;
    });
    console.log(output ? `${name}:\n${output}` : `${name}: ok`);
  }
}
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, checkNext));
if (failed) process.exitCode = 1;
