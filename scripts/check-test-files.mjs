// Checks that each test file belongs to exactly one project of vitest.config.ts: one outside of all is never run.
import { relative, sep } from 'node:path';
import { root, run } from './lib/run.mjs';
import { testFiles } from './lib/test-files.mjs';

const env = { ...process.env, OTP_TEST_FILES: 'all' };
const listed = await run('vitest', ['list', '--filesOnly', '--json'], { env, quiet: true });
/** @type {{ file: string, projectName: string }[]} */
const entries = JSON.parse(listed);

const files = testFiles();
for (const name of files) {
  const own = entries.filter(({ file }) => relative(root, file).split(sep).join('/') === name);
  if (own.length === 1) continue;
  const projects = own.map(({ projectName }) => projectName).join(' and ');
  console.error(`${name}: in ${projects || 'no project'} of vitest.config.ts`);
  process.exitCode = 1;
}
if (process.exitCode === undefined) console.log(`${files.length} test files`);
