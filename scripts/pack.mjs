// `node scripts/pack.mjs PACKAGE …`: builds packages with what they need of ours, and packs them into packed/.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projects } from './lib/projects.mjs';
import { pnpm, root } from './lib/run.mjs';

const names = process.argv.slice(2).map((name) => `@otp/${name.replace(/^@otp\//, '')}`);
const known = projects().filter(({ dir }) => dir.startsWith(join(root, 'packages')));
const unknown = names.find((name) => !known.some(({ manifest }) => manifest.name === name));
if (names.length === 0 || unknown !== undefined) {
  const list = known.map(({ manifest }) => manifest.name.replace('@otp/', '')).join(', ');
  console.error(`node scripts/pack.mjs PACKAGE …, of: ${list}`);
  process.exit(1);
}

const folder = join(root, 'packed');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const filters = names.flatMap((name) => ['--filter-prod', `${name}...`]);
console.log('Installs the tools, builds and packs. The first run takes about a minute.\n');
await pnpm(['install', '--frozen-lockfile', '--silent']);
await pnpm(['--recursive', ...filters, '--reporter=silent', 'run', 'build']);
await pnpm(['--recursive', ...filters, 'pack', '--pack-destination', folder], { quiet: true });
console.log(`${readdirSync(folder).join('\n')}\n\nIn your project:\n  npm install ${folder}/*.tgz`);
