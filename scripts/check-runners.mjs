// Runs the tests that the README of @otp/testing shows with vitest, jest and node:test, by the commands that it shows, in
// a fresh app outside the workspace. Needs a build.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readManifest } from './lib/projects.mjs';
import { pnpm, root, run } from './lib/run.mjs';

const RUNNERS = ['vitest', 'jest', 'node:test'];
const JEST = 'jest@30.5.2';

/** @param {ReadonlyMap<string, string>} tarballs of @otp/core and @otp/testing, by the name of the package */
export async function checkRunners(tarballs) {
  const app = mkdtempSync(join(tmpdir(), 'otp-runners-'));
  try {
    const manifest = { name: 'app', private: true, type: 'module' };
    writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
    const ours = ['@otp/core', '@otp/testing'].map((name) => tarballs.get(name) ?? name);
    const { version } = readManifest(join(root, 'node_modules', 'vitest'));
    const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    await run('npm', ['install', ...flags, ...ours, `vitest@${version}`, JEST], {
      cwd: app,
      quiet: true,
    });
    const readme = readFileSync(join(root, 'packages', 'testing', 'README.md'), 'utf8');
    writeFileSync(join(app, 'sign-up.js'), findBlock(readme, 'js', '// sign-up.js'));
    for (const runner of RUNNERS) {
      const [, section = ''] = readme.split(`\n### ${runner}\n`);
      writeFileSync(join(app, 'sign-up.test.js'), findBlock(section, 'js', '// sign-up.test.js'));
      await run('sh', ['-c', findBlock(section, 'sh', '')], { cwd: app, quiet: true });
      console.log('runner', runner, 'ok');
    }
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
}

/**
 * @param {string} markdown
 * @param {string} language
 * @param {string} start its first characters
 * @returns {string} the first such block of code
 */
function findBlock(markdown, language, start) {
  const fences = [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = fences.find(([, tag, code = '']) => tag === language && code.startsWith(start));
  if (found?.[2] === undefined) throw new Error(`README.md has no ${language} block ${start}`);
  return found[2];
}

if (resolve(process.argv[1] ?? '') === import.meta.filename) {
  const folder = mkdtempSync(join(tmpdir(), 'otp-pack-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const filters = ['--filter=@otp/core', '--filter=@otp/testing'];
  await pnpm(['--recursive', ...filters, 'pack', '--pack-destination', folder], { quiet: true });
  const tarballs = new Map(
    ['core', 'testing'].map((name) => {
      const { version } = readManifest(join(root, 'packages', name));
      return [`@otp/${name}`, join(folder, `otp-${name}-${version}.tgz`)];
    }),
  );
  await checkRunners(tarballs);
}
