// Says why this commit must not be published yet, if there is a reason.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findReleaseFaults } from './lib/release.mjs';
import { root, run } from './lib/run.mjs';

const listed = await run('git', ['ls-files', '-z'], { quiet: true });
const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
for (const fault of findReleaseFaults(files)) {
  console.error(`Not released: ${fault}`);
  process.exitCode = 1;
}
