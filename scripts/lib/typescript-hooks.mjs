import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const packages = new URL('../../packages/', import.meta.url);
const helpers = new URL('../../test/', import.meta.url);
const OURS = /^@otp\/([^/]+)(?:\/([^/]+))?$/;

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const helper = /^@otp\/test\/(.+)$/.exec(specifier)?.[1];
  if (helper) return next(sourceOfHelper(helper), context);
  const [ours, name, entry = 'index'] = OURS.exec(specifier) ?? [];
  if (ours) return next(new URL(`${name}/src/${entry}.ts`, packages).href, context);
  return next(sourceOf(specifier, context.parentURL) ?? specifier, context);
}

/** @param {string} name */
function sourceOfHelper(name) {
  const folder = new URL(`${name}/index.ts`, helpers);
  return existsSync(folder) ? folder.href : new URL(`${name}.ts`, helpers).href;
}

/**
 * TypeScript imports `./x.js` and means `./x.ts`.
 *
 * @param {string} specifier
 * @param {string | undefined} parent
 */
function sourceOf(specifier, parent) {
  if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !parent?.endsWith('.ts')) return undefined;
  const source = new URL(specifier.replace(/\.js$/, '.ts'), parent);
  return existsSync(source) ? source.href : undefined;
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!/\.(?:ts|sql)$/.test(url)) return next(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  // As tsup's loader does.
  if (url.endsWith('.sql')) return toModule(`export default ${JSON.stringify(text)}`);
  const { code } = await transform(text, { loader: 'ts', format: 'esm', sourcemap: 'inline' });
  return toModule(code);
}

/** @param {string} source @returns {import('node:module').LoadFnOutput} */
const toModule = (source) => ({ format: 'module', source, shortCircuit: true });
