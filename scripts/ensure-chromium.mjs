import { pathToFileURL } from 'node:url';
import { aptInstall, isRootOnDebian } from './lib/debian.mjs';
import { findExecutable, isExecutable } from './lib/executables.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Returns the path of a Chromium that the browser tests can drive; installs it where that needs no question. */
export function ensureChromium() {
  const configured = process.env.CHROMIUM_PATH;
  if (configured) {
    if (isExecutable(configured)) return configured;
    throw new Error(`CHROMIUM_PATH is ${configured}, which cannot be executed`);
  }
  const found = findExecutable(NAMES);
  if (found) return found;
  if (isRootOnDebian()) {
    aptInstall(['chromium']);
    const installed = findExecutable(NAMES);
    if (installed) return installed;
  }
  throw new Error('no Chromium found: install the package chromium, or set CHROMIUM_PATH');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(ensureChromium());
