import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { versionOf } from './projects.mjs';
import { readmeSamples } from './readme-samples.mjs';
import { root, run } from './run.mjs';

/**
 * @typedef {object} FreshApp
 * @property {string} name
 * @property {'module' | 'commonjs'} type
 * @property {string} adapter the package of ours that serves it; core comes along
 * @property {readonly string[]} packages what its user installs beside ours
 * @property {Record<string, string>} files the first is what is run: it prints the status of a create
 */

const SERVICE = `{
  appId: 'shop',
  issuer: 'https://api.example.com',
  ...generateKeys(),
  store: createMemoryStore(),
  channels: { email: { sender: { send: async () => undefined } } },
}`;
const BODY = `JSON.stringify({ identifier: { type: 'email_address', value: 'ada@example.com' } })`;
const CREATE = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: ${BODY} }`;

const EXPRESS_APP = `
const app = express();
app.use('/v1/session/otp', otpRouter(createOtpService(${SERVICE})));
const server = app.listen(0, async () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const response = await fetch(\`http://localhost:\${port}/v1/session/otp\`, ${CREATE});
  console.log(response.status);
  server.close();
});
`;

const LAMBDA_EVENT = `{
  version: '2.0',
  routeKey: '$default',
  rawPath: '/v1/session/otp',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: {
    accountId: '1', apiId: 'a', domainName: 'api.example.com', domainPrefix: 'api', requestId: 'r',
    routeKey: '$default', stage: '$default', time: '', timeEpoch: 0,
    http: { method: 'POST', path: '/v1/session/otp', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: '' },
  },
  body: ${BODY},
  isBase64Encoded: false,
}`;

/**
 * @param {string} name
 * @param {FreshApp['type']} type
 * @param {string} importExpress
 * @returns {FreshApp}
 */
const expressApp = (name, type, importExpress) => ({
  name,
  type,
  adapter: '@otp/express',
  packages: ['express', '@types/express'],
  files: {
    'server.ts': `import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { otpRouter } from '@otp/express';
${importExpress}
${EXPRESS_APP}`,
  },
});

/** The program of the root README, in TypeScript. */
const readmeApp = expressApp('README', 'module', '');
const readmeProgram = readmeSamples().find(({ name }) => name === 'README-1.ts')?.text ?? '';
readmeApp.files = {
  'call.ts': `import './server.js';
const response = await fetch('http://localhost:3999/v1/session/otp', ${CREATE});
console.log(response.status);
process.exit();
`,
  'server.ts': readmeProgram.replaceAll('3000', '3999'),
};

/** @type {readonly FreshApp[]} */
const APPS = [
  readmeApp,
  expressApp('Express', 'module', "import express from 'express';"),
  expressApp('Express in CommonJS', 'commonjs', "import express = require('express');"),
  {
    name: 'Next',
    type: 'module',
    adapter: '@otp/next',
    packages: ['next', 'react', 'react-dom', '@types/react'],
    files: {
      'call.ts': `import { POST } from './app/v1/session/otp/[[...route]]/route.js';
const request = new Request('http://localhost:3000/v1/session/otp', ${CREATE});
console.log((await POST(request, { params: Promise.resolve({}) })).status);
`,
      'app/v1/session/otp/[[...route]]/route.ts': `import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { otpRoutes } from '@otp/next';

const service = createOtpService(${SERVICE});
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = otpRoutes(service);
`,
    },
  },
  {
    name: 'Lambda',
    type: 'module',
    adapter: '@otp/lambda',
    packages: ['@types/aws-lambda'],
    files: {
      'call.ts': `import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { handler } from './index.js';
const event: APIGatewayProxyEventV2 = ${LAMBDA_EVENT};
const result: unknown = await handler(event);
console.log((result as { statusCode: number }).statusCode);
`,
      'index.ts': `import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { otpHandler } from '@otp/lambda';

export const handler = otpHandler(createOtpService(${SERVICE}));
`,
    },
  },
];

/**
 * A fresh app of each kind outside the workspace, with the tarballs installed: it compiles, and its compiled form
 * answers a create.
 *
 * @param {string} work a folder to make them in
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 */
export async function checkApps(work, tarballs) {
  for (const app of APPS) {
    const dir = mkdtempSync(join(work, 'app-'));
    writeFileSync(
      join(dir, 'package.json'),
      JSON.stringify({ name: 'app', private: true, type: app.type }),
    );
    for (const [name, text] of Object.entries(app.files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    const packages = ['@types/node', ...app.packages].map((name) => `${name}@${versionOf(name)}`);
    const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    const ours = ['@otp/core', app.adapter].map((name) => tarballs.get(name) ?? name);
    await run('npm', ['install', ...flags, ...ours, ...packages], { cwd: dir, quiet: true });
    const [entry = ''] = Object.keys(app.files);
    await compile(dir, Object.keys(app.files));
    const output = await run(process.execPath, [join('dist', entry.replace(/ts$/, 'js'))], {
      cwd: dir,
      quiet: true,
    });
    // The program of the README prints the message as well.
    if (!output.trim().endsWith('204'))
      throw new Error(`${app.name}: a create is answered ${output}`);
    console.log('fresh app', app.name, 'ok');
  }
}

/**
 * @param {string} dir
 * @param {readonly string[]} files
 */
async function compile(dir, files) {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2024', 'dom'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    rootDir: '.',
    outDir: 'dist',
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [tsc], { cwd: dir, quiet: true });
}
