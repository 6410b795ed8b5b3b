import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/** Packages that have peers in common with ours: npm must find versions that suit both. */
const NEIGHBOURS = [
  'next-auth@4.24.15', // nodemailer 7
  '@auth/core@0.41.3', // nodemailer 7 or 8
  'better-auth@1.7.25', // pg, next
  'typeorm@1.1.1', // pg, redis, ioredis 5
  'bullmq@6.7.0', // pg, redis, ioredis
];

/**
 * Checks the peer ranges of our packages by npm: they must resolve beside packages of others, and a store must not resolve
 * beside the next minor version of core. Before 1.0, that version may call methods that the store does not have.
 *
 * @param {string} work a folder in which others are created
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 * @param {string} version of our packages
 */
export async function checkNeighbours(work, tarballs, version) {
  const peers = ['nodemailer', 'pg', 'redis', 'ioredis'];
  for (const neighbour of NEIGHBOURS) {
    await resolve(work, [...tarballs.values(), ...peers, neighbour]);
    console.log('beside', neighbour, 'ok');
  }
  const next = mkdtempSync(join(work, 'next-core-'));
  const [major, minor] = version.split('.').map(Number);
  const manifest = { name: '@otp/core', version: `${major}.${Number(minor) + 1}.0` };
  writeFileSync(join(next, 'package.json'), JSON.stringify(manifest));
  const store = tarballs.get('@otp/store-postgres') ?? '';
  const refusal = await resolve(work, [next, store]).then(
    () => 'none',
    (error) => error.message,
  );
  if (!refusal.includes('ERESOLVE')) {
    throw new Error(`a store of ${version} suits core ${manifest.version}: ${refusal}`);
  }
}

/** @param {string} work @param {readonly string[]} specs packages that npm resolves in an empty folder, without installing them */
async function resolve(work, specs) {
  const cwd = mkdtempSync(join(work, 'beside-'));
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ private: true }));
  const flags = ['--dry-run', '--strict-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...flags, ...specs], { cwd, quiet: true });
}
