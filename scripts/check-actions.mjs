// Checks that each action of our workflows is pinned to a commit.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findUnpinned } from './lib/action-pins.mjs';
import { root } from './lib/run.mjs';

const folder = join(root, '.github', 'workflows');
for (const name of readdirSync(folder)) {
  for (const action of findUnpinned(readFileSync(join(folder, name), 'utf8'))) {
    console.error(`.github/workflows/${name}: pin ${action} to a commit, its tag as a comment`);
    process.exitCode = 1;
  }
}
