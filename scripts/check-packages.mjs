// Packs each package as it would be published and checks the tarball. Then npm installs all of them outside of the
// workspace: they are imported, required and compiled with several versions of TypeScript, and the apps of the READMEs run
// in fresh folders. Needs a build.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { checkCommonJsApp } from './lib/commonjs-app.mjs';
import { checkNeighbours } from './lib/neighbours.mjs';
import { findPackedFaults } from './lib/packed-files.mjs';
import { projects, readManifest, versionOf } from './lib/projects.mjs';
import { checkReadmeApps } from './lib/readme-apps.mjs';
import { packagesOf, readmeSamples } from './lib/readme-samples.mjs';
import { pnpm, root, run } from './lib/run.mjs';
import { checkRunners, checkTestGuide } from './lib/runners.mjs';
import { COMPILERS, checkTypes } from './lib/type-matrix.mjs';

const packages = projects().filter(({ dir, manifest }) => {
  const isPublished = dir.startsWith(join(root, 'packages'));
  if (isPublished === Boolean(manifest.private)) {
    throw new Error(`${manifest.name}: packages/ holds what is published, and nothing else`);
  }
  return isPublished;
});
const work = mkdtempSync(join(tmpdir(), 'otp-packages-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

/** By the name of the package. */
const tarballs = new Map();
const folder = mkdtempSync(join(work, 'pack-'));
const filters = packages.map(({ manifest }) => `--filter=${manifest.name}`);
await pnpm(['--recursive', ...filters, 'pack', '--pack-destination', folder], { quiet: true });
for (const { manifest } of packages) {
  const name = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
  const tarball = join(folder, name);
  await run('publint', ['--strict', tarball], { quiet: true });
  // Node requires ES modules from 20.19 on, which attw does not know.
  const rules = ['--ignore-rules', 'cjs-resolves-to-esm'];
  const attw = ['--no-emoji', '--format', 'ascii', ...rules, '--', tarball];
  await run('attw', attw, { quiet: true });
  console.log('tarball', manifest.name, 'ok');
  tarballs.set(manifest.name, tarball);
}

const consumer = mkdtempSync(join(work, 'consumer-'));
/** @param {string} name @param {string} text */
const write = (name, text) => writeFileSync(join(consumer, name), text);

write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
// What a host has beside our packages: optional peers, what our samples import, and type packages.
const libraries = [
  ...packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependenciesMeta ?? {})),
  ...packagesOf(readmeSamples()),
];
const types = ['node', ...libraries].map((name) => `@types/${name}`);
const beside = new Set(
  [...libraries, ...types].flatMap((name) => {
    const version = versionOf(name);
    return version === undefined ? [] : [`${name}@${version}`];
  }),
);
const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
await run('npm', ['install', ...flags, ...tarballs.values(), ...beside, ...COMPILERS], {
  cwd: consumer,
});

const specifiers = packages.flatMap(({ manifest }) =>
  Object.keys(manifest.exports ?? {})
    .filter((key) => key !== './package.json')
    .map((key) => manifest.name + key.slice(1)),
);
const list = JSON.stringify(specifiers);
write(
  'import.mjs',
  `for (const name of ${list}) {
  const count = Object.keys(await import(name)).length;
  if (count === 0) throw new Error(name + ' exports nothing');
  console.log('import', name, count);
}`,
);
write(
  'require.cjs',
  `for (const name of ${list}) {
  const count = Object.keys(require(name)).length;
  if (count === 0) throw new Error(name + ' exports nothing');
  console.log('require', name, count);
}`,
);
write(
  'consumer.ts',
  specifiers
    .map((name, i) => `import * as m${i} from '${name}';\nexport const n${i}: object = m${i};\n`)
    .join(''),
);
write(
  'tsconfig.json',
  JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2024'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // Also the declarations that we publish, not only the five lines above.
      skipLibCheck: false,
    },
    files: ['consumer.ts'],
  }),
);
await run(process.execPath, ['import.mjs'], { cwd: consumer });
await run(process.execPath, ['--no-warnings', 'require.cjs'], { cwd: consumer });
await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')], {
  cwd: consumer,
});

await checkTypes(consumer);

for (const { manifest } of packages) {
  const installed = join(consumer, 'node_modules', manifest.name);
  const packed = readManifest(installed);
  const faults = findPackedFaults(packed, filesIn(installed));
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const { bin } = packed;
  // A bin stands under publishConfig, where pnpm packs it from: linked from the workspace it would not exist yet.
  for (const name of Object.keys(manifest.publishConfig?.bin ?? {})) {
    const file = join(installed, bin?.[name] ?? 'missing');
    if (!existsSync(file) || !readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n')) {
      throw new Error(`${manifest.name}: the packed bin ${name} is missing or has no #! line`);
    }
  }
}

/** @param {string} dir @returns {string[]} relative to it, with `/` */
function filesIn(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dir, join(parentPath, name)).split(sep).join('/'))
    .filter((path) => !path.startsWith('node_modules/'));
}

await checkNeighbours(work, tarballs, packages[0]?.manifest.version ?? '');
await checkCommonJsApp(work, tarballs);
await checkReadmeApps(work, tarballs);
await checkRunners(work, tarballs);
await checkTestGuide(work, tarballs);
