import { pathToFileURL } from 'node:url';
import { aptInstall, isRootOnDebian } from './lib/debian.mjs';
import { findExecutable } from './lib/executables.mjs';

/** Programs that no npm package brings, by the package of Debian that does. */
const PROGRAMS = { 'redis-server': ['redis-server', 'redis-cli'], pgbouncer: ['pgbouncer'] };

/** Sees to it that the servers of the tests can be started; installs them where that needs no question. */
export function ensureServers() {
  const needed = missing();
  if (needed.length > 0 && isRootOnDebian()) aptInstall(needed);
  const left = missing();
  if (left.length > 0) throw new Error(`not found: install the packages ${left.join(', ')}`);
}

function missing() {
  return Object.entries(PROGRAMS)
    .filter(([, names]) => names.some((name) => findExecutable([name]) === undefined))
    .map(([name]) => name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) ensureServers();
