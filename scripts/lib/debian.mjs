import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether packages can be installed here without a question. */
export function isRootOnDebian() {
  const release = '/etc/os-release';
  // Debian itself: elsewhere `chromium` can be a stub that asks for snap.
  return (
    process.getuid?.() === 0 &&
    existsSync(release) &&
    /^ID="?debian"?$/m.test(readFileSync(release, 'utf8'))
  );
}

/** @param {readonly string[]} packages */
export function aptInstall(packages) {
  aptGet(['update', '-qq']);
  aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

/** Tests that run side by side may each miss a program, and apt does not wait for the lock of its lists. */
const LOCK = join(tmpdir(), 'otp-apt.lock');

/** @param {readonly string[]} args */
function aptGet(args) {
  // A host's own apt may be at work, too.
  const patient = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args];
  execFileSync('flock', [LOCK, 'apt-get', ...patient], {
    // stdout is for the caller's answer alone.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
