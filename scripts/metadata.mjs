// Writes what the root package.json says about all packages (repository, license, author, keywords) into theirs, and the
// URL of the repository into the forms for issues; with `--check` it only reports what differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { withMetadata, withRepository } from './lib/metadata.mjs';
import { projects } from './lib/projects.mjs';
import { root } from './lib/run.mjs';

/** @type {import('./lib/metadata.mjs').Root} */
const common = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const config = join(root, '.github', 'ISSUE_TEMPLATE', 'config.yml');

const written = new Map([
  [config, withRepository(readFileSync(config, 'utf8'), common.repository)],
]);
for (const { dir, manifest } of projects()) {
  if (manifest.private) continue;
  const complete = withMetadata(common, `packages/${basename(dir)}`, manifest);
  written.set(join(dir, 'package.json'), `${JSON.stringify(complete, null, 2)}\n`);
}

for (const [path, text] of written) {
  if (text === readFileSync(path, 'utf8')) continue;
  if (process.argv.includes('--check')) {
    console.error(
      `${relative(root, path)} differs from the root package.json: run \`pnpm metadata\``,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${relative(root, path)}`);
  }
}
