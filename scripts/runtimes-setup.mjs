import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureFromNpm } from './lib/npm-cache.mjs';
import { pnpm, root, run } from './lib/run.mjs';

const { platform, arch } = process;
const VERSIONS = { bun: '1.4.5', deno: '2.9.6', workerd: '1.20261117.1' };

/** The packages that carry the programs for this platform. */
const PACKAGES = {
  bun: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`,
  deno: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
  workerd: `@cloudflare/workerd-${platform}-${arch === 'x64' ? '64' : arch}`,
};

/**
 * Vitest's global set-up for the tests in other runtimes: gets them from npm, and installs @otp/core and @otp/fetch as they
 * are packed, in a folder outside the workspace. Needs a build.
 */
export async function setup() {
  const runtimes = {
    bun: ensureFromNpm('otp-bun', PACKAGES.bun, VERSIONS.bun, join('bin', 'bun')),
    deno: ensureFromNpm('otp-deno', PACKAGES.deno, VERSIONS.deno, 'deno'),
    workerd: ensureFromNpm('otp-workerd', PACKAGES.workerd, VERSIONS.workerd, 'bin/workerd'),
  };
  const folder = mkdtempSync(join(tmpdir(), 'otp-runtimes-'));
  for (const name of ['core', 'fetch']) {
    if (!existsSync(join(root, 'packages', name, 'dist', 'index.js'))) {
      throw new Error(`packages/${name} is not built: run \`pnpm build\``);
    }
    const filter = `--filter=@otp/${name}`;
    await pnpm([filter, 'pack', '--pack-destination', folder], { cwd: root, quiet: true });
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const files = tarballs.map((name) => join(folder, name));
  await run('npm', ['install', ...flags, ...files], { cwd: folder, quiet: true });
  process.env.OTP_RUNTIMES = JSON.stringify({ ...runtimes, folder });
  return () => rmSync(folder, { recursive: true, force: true });
}
