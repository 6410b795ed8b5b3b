// `npm start`: installs and builds no more than the demo needs, then is the demo.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pnpm, root, run } from './lib/run.mjs';

const demo = join(root, 'examples', 'express');
const parts = [join(root, 'packages', 'core'), join(root, 'packages', 'express'), demo];
const stamp = join(root, 'node_modules', '.cache', 'demo', 'built-from');
/** pnpm's note of the last install, which `verifyDepsBeforeRun` goes by. */
const installState = join(root, 'node_modules', '.pnpm-workspace-state-v1.json');

/** What the demo is made of and what was made: either one changing is a reason to build again. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  /** @param {string} path */
  const add = (path) => hash.update(path).update(readFileSync(path));
  add(join(root, 'pnpm-lock.yaml'));
  add(join(root, 'tsup.base.ts'));
  for (const part of parts) {
    add(join(part, 'package.json'));
    add(join(part, 'tsup.config.ts'));
    for (const folder of ['src', 'dist'].map((name) => join(part, name)).filter(existsSync)) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
      for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) add(file);
    }
  }
  return hash.digest('hex');
}

async function installAndBuild() {
  // After a full install, a filtered one would only take things away.
  const filter = existsSync(installState) ? [] : ['--filter', '@otp/example-express...'];
  await pnpm([...filter, 'install', '--frozen-lockfile', '--reporter=append-only']);
  // pnpm takes a filtered install for a complete one: without its note, the next `pnpm run` installs the rest.
  if (filter.length > 0) rmSync(installState, { force: true });
  // Not `pnpm run build`, which would install the rest first; no declarations, which a demo has no use for.
  const tsup = join('node_modules', 'tsup', 'dist', 'cli-default.js');
  await Promise.all(
    parts.map((cwd) => run(process.execPath, [tsup, '--silent', '--no-dts'], { cwd })),
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint());
}

const isUpToDate = existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
if (!isUpToDate) await installAndBuild();

// In this process, not in a child: signals, exit status and the terminal are then the server's own.
const server = join(demo, 'dist', 'server.js');
process.argv[1] = server;
await import(pathToFileURL(server).href);
