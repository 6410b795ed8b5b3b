import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from './projects.mjs';
import { root, run } from './run.mjs';

const SERVER = `import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { otpRouter } from '@otp/express';
import express = require('express');

const service = createOtpService({
  appId: 'shop',
  issuer: 'https://api.example.com',
  ...generateKeys(),
  store: createMemoryStore(),
  channels: { email: { sender: { send: async () => undefined } } },
});
const app = express();
app.use('/v1/session/otp', otpRouter(service));
const server = app.listen(0, async () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const response = await fetch(\`http://localhost:\${port}/v1/session/otp\`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: { type: 'email_address', value: 'ada@example.com' } }),
  });
  console.log(response.status);
  server.close();
});
`;

/**
 * An app of TypeScript in CommonJS, outside the workspace, with the tarballs installed: it compiles, and its compiled
 * form answers a create.
 *
 * @param {string} work a folder to make it in
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 */
export async function checkCommonJsApp(work, tarballs) {
  const dir = mkdtempSync(join(work, 'commonjs-'));
  const manifest = { name: 'app', private: true, type: 'commonjs' };
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(dir, 'server.ts'), SERVER);
  const ours = ['@otp/core', '@otp/express'].map((name) => tarballs.get(name) ?? name);
  const packages = ['@types/node', 'express', '@types/express'];
  const versions = packages.map((name) => `${name}@${versionOf(name)}`);
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  await run('npm', ['install', ...flags, ...ours, ...versions], { cwd: dir, quiet: true });
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2024', 'dom'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
  };
  const config = { compilerOptions, files: ['server.ts'] };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [tsc], { cwd: dir, quiet: true });
  const output = await run(process.execPath, ['server.js'], { cwd: dir, quiet: true });
  if (output.trim() !== '204') throw new Error(`CommonJS: a create is answered ${output}`);
  console.log('CommonJS app ok');
}
