import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { projects, readManifest } from './projects.mjs';
import { pnpm, root, run } from './run.mjs';

const demo = join(root, 'examples', 'express');
const stamp = join(root, 'node_modules', '.cache', 'demo', 'built-from');
/** pnpm's note of the last install, which `verifyDepsBeforeRun` goes by. */
const installState = join(root, 'node_modules', '.pnpm-workspace-state-v1.json');

const all = projects();
/** The demo and the packages of this repository that it is made of. */
const parts = new Set([demo]);
for (const dir of parts) {
  const { dependencies = {}, peerDependencies = {} } = readManifest(dir);
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  for (const part of all) if (names.includes(part.manifest.name)) parts.add(part.dir);
}

/** What the demo is made of and what was made: either one changing is a reason to build again. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  /** @param {string} path */
  const add = (path) => hash.update(path).update(readFileSync(path));
  for (const name of ['pnpm-lock.yaml', 'tsconfig.base.json', 'tsup.base.ts'])
    add(join(root, name));
  for (const part of parts) {
    for (const name of ['package.json', 'tsconfig.json', 'tsup.config.ts']) add(join(part, name));
    for (const folder of ['src', 'dist'].map((name) => join(part, name)).filter(existsSync)) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
      for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) add(file);
    }
  }
  return hash.digest('hex');
}

async function install() {
  const flags = ['--frozen-lockfile', '--reporter=append-only'];
  // After a full install, a partial one would only take things away.
  if (existsSync(installState)) {
    await pnpm(['install', ...flags]);
    return;
  }
  // Without --prod the root's tools come along, whatever the filter; so tsup is a dependency of the demo.
  await pnpm(['install', '--prod', '--filter', '@otp/example-express...', ...flags]);
  // pnpm takes a partial install for a complete one: without its note, the next `pnpm run` installs the rest.
  rmSync(installState, { force: true });
  // In the workspace a package finds its peers among its devDependencies; here it is given that of a part which has it.
  for (const part of parts) {
    for (const peer of Object.keys(readManifest(part).peerDependencies ?? {})) {
      const link = join(part, 'node_modules', peer);
      if (existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      rmSync(link, { force: true });
      const homes = [...parts].map((each) => join(each, 'node_modules', peer));
      const home = homes.find((each) => existsSync(each));
      if (home !== undefined) symlinkSync(home, link, 'junction');
    }
  }
}

async function build() {
  // Not `pnpm run build`, which would install the rest first; no declarations, which a demo has no use for.
  const tsup = join(demo, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const flags = ['--silent', '--no-dts'];
  await Promise.all([...parts].map((cwd) => run(process.execPath, [tsup, ...flags], { cwd })));
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint());
}

/** Installs and builds no more than the demo needs, when that has changed. Returns the file to run. */
export async function prepareDemo() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint()) {
    await install();
    await build();
  }
  return join(demo, 'dist', 'server.js');
}
