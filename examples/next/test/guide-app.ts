import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findFreePort, waitUntil } from '@otp/test/servers';
import { writeFilesOfPage } from '../../../scripts/lib/files-of-page.mjs';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

/** Inside the example, whose packages it finds. The types are those that we publish, not the sources. */
const CONFIG = `export default { turbopack: { root: ${JSON.stringify(join(here, '..', '..'))} } };\n`;
const TYPES = {
  compilerOptions: {
    strict: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: ['node'],
    skipLibCheck: true,
  },
  include: ['**/*.ts', '**/*.tsx'],
};

export interface GuideApp {
  readonly url: string;
  /** What it has printed. */
  output(): string;
  stop(): void;
}

/**
 * Builds and starts the app whose files a guide shows.
 *
 * @param page relative to the root
 * @param env what the guide says to set
 * @param scripts of the guide that run before the build
 */
export async function startGuideApp(
  page: string,
  more: Readonly<Record<string, string>> = {},
  scripts: readonly string[] = [],
): Promise<GuideApp> {
  const dir = mkdtempSync(join(here, '.guide-'));
  writeFilesOfPage(page, dir);
  writeFileSync(join(dir, 'next.config.mjs'), CONFIG);
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(TYPES));
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...more };
  for (const script of scripts) await execute(process.execPath, [script], { cwd: dir, env });
  await execute(process.execPath, [next, 'build'], { cwd: dir, env });
  const port = await findFreePort();
  const args = [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
  const child = spawn(process.execPath, args, {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the start of the app', () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  return {
    url,
    output: () => output,
    stop() {
      child.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
