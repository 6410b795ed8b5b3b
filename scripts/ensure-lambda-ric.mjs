import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { aptInstall, isRootOnDebian } from './lib/debian.mjs';
import { findExecutable } from './lib/executables.mjs';

const VERSION = '4.0.2';

/** What the package's own install script compiles with: the Debian package of each program. */
const TOOLS = new Map([
  ['cmake', 'cmake'],
  ['make', 'make'],
  ['g++', 'g++'],
  ['python3', 'python3'],
  ['tar', 'tar'],
  ['xz', 'xz-utils'],
]);

/**
 * Returns the file `index.mjs` of aws-lambda-ric, the runtime of Lambda itself. It is compiled when it is installed,
 * which takes a minute and tools that few have. So no package.json names it, and it is kept for all clones.
 */
export function ensureLambdaRic() {
  const configured = process.env.LAMBDA_RIC_PATH;
  if (configured) {
    if (existsSync(configured)) return configured;
    throw new Error(`LAMBDA_RIC_PATH is ${configured}, which is not there`);
  }
  const folder = cacheFolder();
  if (!isMade(folder)) {
    ensureTools();
    installInto(folder);
  }
  return join(packageIn(folder), 'index.mjs');
}

/** By what a compiled add-on depends on. */
function cacheFolder() {
  const { platform, arch, versions } = process;
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const [major] = versions.node.split('.');
  return join(caches, 'otp-lambda-ric', `${VERSION}-node${major}-${platform}-${arch}`);
}

/** @param {string} folder */
const packageIn = (folder) => join(folder, 'node_modules', 'aws-lambda-ric');

/** @param {string} folder */
const isMade = (folder) => existsSync(join(packageIn(folder), 'rapid-client.node'));

function ensureTools() {
  if (process.platform !== 'linux') {
    throw new Error('aws-lambda-ric can only be compiled on Linux: run this there');
  }
  let missing = missingPackages();
  if (missing.length > 0 && isRootOnDebian()) {
    aptInstall(missing);
    missing = missingPackages();
  }
  if (missing.length > 0) {
    throw new Error(`aws-lambda-ric cannot be compiled: install ${missing.join(', ')}`);
  }
}

function missingPackages() {
  return [...TOOLS].filter(([name]) => !findExecutable([name])).map(([, debian]) => debian);
}

/** @param {string} folder */
function installInto(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  // Made beside it and then renamed: who finds the folder finds all of it, also when two make it at once.
  const making = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(making, 'package.json'), JSON.stringify(PROJECT));
    execFileSync('npm', ['install', '--prefix', making, ...FLAGS], {
      cwd: making,
      env: { ...process.env, ...nodeHeaders() },
      // stdout is for the path alone.
      stdio: ['ignore', 2, 2],
    });
    if (!isMade(making)) throw new Error('npm has not run the scripts that compile it');
    moveInto(making, folder);
  } catch (cause) {
    throw new Error(`aws-lambda-ric@${VERSION} could not be installed: see above`, { cause });
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

const PROJECT = {
  private: true,
  dependencies: { 'aws-lambda-ric': VERSION },
  // What npm asks for since version 11 before it runs the scripts of a package.
  allowScripts: { 'aws-lambda-ric': true },
};

// Node 20 will do, whatever the package says; and an install without its scripts would compile nothing.
const FLAGS = ['--engine-strict=false', '--ignore-scripts=false', '--no-audit', '--no-fund'];

/** node-gyp downloads the headers of Node unless it is told where they are. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h'))
    ? { npm_config_nodedir: prefix }
    : {};
}

/**
 * @param {string} making
 * @param {string} folder
 */
function moveInto(making, folder) {
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!isMade(folder)) throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(ensureLambdaRic());
