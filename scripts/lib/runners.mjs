import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from './projects.mjs';
import { root, run } from './run.mjs';

const RUNNERS = ['vitest', 'jest', 'node:test'];
const JEST = 'jest@30.5.2';

/**
 * Runs the tests that the README of @otp/testing shows for vitest, jest and node:test, by its commands, in a fresh app
 * outside the workspace.
 *
 * @param {string} work a folder to make it in
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 */
export async function checkRunners(work, tarballs) {
  const app = mkdtempSync(join(work, 'runners-'));
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
