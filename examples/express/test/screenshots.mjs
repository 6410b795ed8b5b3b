// `pnpm --filter @otp/example-express run screenshots FOLDER`: each page in each state, light and dark, at each width.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Say which folder the screenshots should go to.');
  process.exit(1);
}
const SCREENSHOTS = resolve(process.env.INIT_CWD ?? '.', folder);
mkdirSync(SCREENSHOTS, { recursive: true });

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', `file://${root}`));
const args = [vitest, 'run', '--project', 'e2e', 'pages', '--testNamePattern', 'fits every width'];
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  env: { ...process.env, SCREENSHOTS },
  stdio: 'inherit',
});
process.exit(status ?? 1);
