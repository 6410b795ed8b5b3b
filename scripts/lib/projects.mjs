import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} [description]
 * @property {boolean} [private]
 * @property {readonly string[]} [keywords]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 * @property {Record<string, string>} [peerDependencies]
 * @property {{ bin?: Record<string, string> }} [publishConfig]
 */

/** @returns {{ dir: string, manifest: Manifest }[]} every project of the workspace but the root */
export function projects() {
  const parents = ['packages', 'examples'].map((name) => join(root, name)).filter(existsSync);
  const dirs = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...dirs, join(root, 'bench'), join(root, 'test')]
    .filter((dir) => existsSync(join(dir, 'package.json')))
    .map((dir) => ({ dir, manifest: readManifest(dir) }));
}

/**
 * @param {string} dir
 * @returns {Manifest}
 */
export function readManifest(dir) {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
}

/**
 * @param {string} name of an npm package
 * @returns {string | undefined} the version that a project of this repository is built or tested with
 */
export function versionOf(name) {
  const homes = [root, ...projects().map(({ dir }) => dir)];
  const home = homes.map((dir) => join(dir, 'node_modules', name)).find(existsSync);
  return home === undefined ? undefined : readManifest(home).version;
}
