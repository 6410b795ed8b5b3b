import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findChromium() {
  const dirs = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return dirs.flatMap((dir) => NAMES.map((name) => join(dir, name))).find(isExecutable);
}

function isRootOnDebian() {
  const release = '/etc/os-release';
  // Debian itself: elsewhere `chromium` can be a stub that asks for snap.
  return (
    process.getuid?.() === 0 &&
    existsSync(release) &&
    /^ID="?debian"?$/m.test(readFileSync(release, 'utf8'))
  );
}

/** @param {string[]} args */
function aptGet(args) {
  // Another apt may be at work: wait for its lock. The output goes to stderr, stdout is for the path alone.
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Returns the path of a Chromium that the browser tests can drive; installs it where that needs no question. */
export function ensureChromium() {
  const configured = process.env.CHROMIUM_PATH;
  if (configured) {
    if (isExecutable(configured)) return configured;
    throw new Error(`CHROMIUM_PATH is ${configured}, which cannot be executed`);
  }
  const found = findChromium();
  if (found) return found;
  if (isRootOnDebian()) {
    aptGet(['update', '-qq']);
    aptGet(['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error('no Chromium found: install the package chromium, or set CHROMIUM_PATH');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(ensureChromium());
