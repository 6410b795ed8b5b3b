import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from '../ensure-chromium.mjs';
import { writeFilesOfPage } from './files-of-page.mjs';
import { readPage } from './pages.mjs';
import { versionOf } from './projects.mjs';
import { run } from './run.mjs';

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
  const app = await createApp(work, tarballs, { ours: ['@otp/core', '@otp/testing'] });
  const readme = readPage('packages/testing/README.md');
  writeFileSync(join(app, 'sign-up.js'), findBlock(readme, 'js', '// sign-up.js'));
  for (const runner of RUNNERS) {
    const [, section = ''] = readme.split(`\n### ${runner}\n`);
    writeFileSync(join(app, 'sign-up.test.js'), findBlock(section, 'js', '// sign-up.test.js'));
    await run('sh', ['-c', findBlock(section, 'sh', '')], { cwd: app, quiet: true });
    console.log('runner', runner, 'ok');
  }
}

const GUIDE = 'docs/guides/test-your-app.md';

/**
 * Runs the tests of the guide, by its commands, in the app that its blocks of code make.
 *
 * @param {string} work a folder to make it in
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 */
export async function checkTestGuide(work, tarballs) {
  const ours = ['@otp/core', '@otp/express', '@otp/testing'];
  const playwright = `@playwright/test@${versionOf('playwright-core')}`;
  const app = await createApp(work, tarballs, {
    ours,
    others: [`express@${versionOf('express')}`, 'supertest@7.3.2', playwright],
  });
  writeFilesOfPage(GUIDE, app);
  const env = { ...process.env, CHROMIUM_PATH: ensureChromium() };
  const commands = [...readPage(GUIDE).matchAll(/^```sh\n(.*npx .*)\n```$/gm)];
  for (const [, command = ''] of commands) {
    await run('sh', ['-c', command], { cwd: app, env, quiet: true });
    console.log('guide', command, 'ok');
  }
}

/**
 * @param {string} work
 * @param {ReadonlyMap<string, string>} tarballs
 * @param {{ ours: readonly string[], others?: readonly string[] }} packages
 * @returns {Promise<string>} the folder of an app with these packages, vitest and jest
 */
async function createApp(work, tarballs, { ours, others = [] }) {
  const app = mkdtempSync(join(work, 'runners-'));
  const manifest = { name: 'app', private: true, type: 'module' };
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
  const packed = ours.map((name) => tarballs.get(name) ?? name);
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const runners = [`vitest@${versionOf('vitest')}`, JEST];
  await run('npm', ['install', ...flags, ...packed, ...runners, ...others], {
    cwd: app,
    quiet: true,
  });
  return app;
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
