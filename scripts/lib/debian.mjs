import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

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

/** @param {readonly string[]} args */
function aptGet(args) {
  // Another apt may be at work: wait for its lock. The output goes to stderr, stdout is for the caller's answer alone.
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
