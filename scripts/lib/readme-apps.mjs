import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projects, versionOf } from './projects.mjs';
import { root, run } from './run.mjs';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string | undefined} cookie `name=value`
 * @property {any} body
 */

/**
 * @typedef {object} App
 * @property {(path: string, body: object, cookie?: string) => Promise<Answer>} post
 * @property {() => string} output what it has printed
 * @property {() => Promise<unknown>} stop
 */

/**
 * @typedef {object} ReadmeApp
 * @property {string} page relative to the root
 * @property {readonly string[]} beside what an app of that kind has installed already
 * @property {(dir: string) => Promise<App>} start
 * @property {boolean} redeems whether it has the endpoint `/session`
 * @property {boolean} [stepsUp] whether it has the endpoints `/transfer/challenge` and `/transfer`
 */

const PORT = '3190';
const MOUNT = '/v1/session/otp';

/** @type {readonly ReadmeApp[]} */
const APPS = [
  { page: 'README.md', beside: [], start: startServer, redeems: true },
  { page: 'packages/core/README.md', beside: [], start: startServer, redeems: false },
  { page: 'packages/express/README.md', beside: [], start: startServer, redeems: true },
  { page: 'packages/fastify/README.md', beside: [], start: startServer, redeems: true },
  {
    page: 'packages/next/README.md',
    beside: ['next', 'react', 'react-dom', 'typescript', '@types/node', '@types/react'],
    start: startNext,
    redeems: true,
    stepsUp: true,
  },
  { page: 'packages/lambda/README.md', beside: [], start: startLambda, redeems: false },
];

/**
 * Does what the README of each app says, in a fresh folder outside the workspace: installs by its line, writes the files
 * that it names, starts the app, and goes through create, check and redemption.
 *
 * @param {string} work a folder to make them in
 * @param {ReadonlyMap<string, string>} tarballs by the name of the package
 */
export async function checkReadmeApps(work, tarballs) {
  for (const { page, beside, start, redeems, stepsUp } of APPS) {
    const dir = mkdtempSync(join(work, 'readme-'));
    const readme = readFileSync(join(root, page), 'utf8');
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    await install(dir, [...installedBy(readme), ...beside], tarballs);
    for (const [path, text] of filesOf(readme)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text.replaceAll('3000', PORT));
    }
    const app = await start(dir);
    try {
      await verify(app, redeems);
      if (stepsUp) await verifyStepUp(app);
    } catch (cause) {
      throw new Error(`${page}: the app\n${app.output()}`, { cause });
    } finally {
      await app.stop();
    }
    console.log('app of', page, 'ok');
  }
}

/** @param {string} readme @returns {string[]} what its line `npm install …` names */
function installedBy(readme) {
  const [, names = ''] = /^npm install (.+)$/m.exec(readme) ?? [];
  return names.split(' ');
}

/** @param {string} readme @returns {[path: string, text: string][]} the blocks with the name of a file before them */
function filesOf(readme) {
  const found = readme.matchAll(
    /^`([^`\s]+\.(?:mjs|ts))`[^\n]*(?:\n[^\n`]+)?\n\n```\w+\n(.*?)^```$/gms,
  );
  return [...found].map(([, path = '', text = '']) => [path, text]);
}

/**
 * @param {string} dir
 * @param {readonly string[]} names
 * @param {ReadonlyMap<string, string>} tarballs
 */
async function install(dir, names, tarballs) {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const ours = projects().filter(({ manifest }) => names.includes(manifest.name));
  // They are not on npm yet.
  const needed = ours
    .flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}))
    .filter((name) => tarballs.has(name));
  const packages = [...names, ...needed].map(
    (name) => tarballs.get(name) ?? `${name}@${versionOf(name)}`,
  );
  await run('npm', ['install', ...flags, ...packages], { cwd: dir, quiet: true });
}

/** @param {string} dir */
function startServer(dir) {
  return startProcess(dir, ['server.mjs']);
}

/** @param {string} dir */
async function startNext(dir) {
  const cli = join(dir, 'node_modules', 'next', 'dist', 'bin', 'next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await run(process.execPath, [cli, 'build'], { cwd: dir, env, quiet: true });
  return startProcess(dir, [cli, 'start', '-p', PORT]);
}

/**
 * @param {string} dir
 * @param {readonly string[]} args
 * @returns {Promise<App>}
 */
async function startProcess(dir, args) {
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const stop = () => {
    child.kill('SIGKILL');
    return closed;
  };
  const url = `http://localhost:${PORT}`;
  const end = Date.now() + 30_000;
  while (!(await fetch(url).catch(() => undefined))) {
    if (child.exitCode !== null || Date.now() > end) {
      await stop();
      throw new Error(`${args.join(' ')} does not listen:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    output: () => output,
    stop,
    async post(path, body, cookie = '') {
      const headers = { 'content-type': 'application/json', cookie };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await fetch(url + path, init);
      const [line] = response.headers.getSetCookie();
      const text = await response.text();
      const { status } = response;
      return {
        status,
        cookie: line?.split(';')[0],
        body: text === '' ? undefined : JSON.parse(text),
      };
    },
  };
}

/** Calls a handler as a function URL does. It runs in a process of its own, where `npx otp-keys` has made its keys. */
const CALLER = `
import { createInterface } from 'node:readline';
import { handler } from './index.mjs';
for await (const line of createInterface(process.stdin)) {
  const { path, body, cookie } = JSON.parse(line);
  const result = await handler({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    cookies: cookie === '' ? undefined : [cookie],
    headers: { 'content-type': 'application/json' },
    requestContext: {
      domainName: 'api.example.com',
      stage: '$default',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7' },
    },
    body,
    isBase64Encoded: false,
  });
  console.log('RESULT ' + JSON.stringify(result));
}
`;

/** @param {string} dir @returns {Promise<App>} */
async function startLambda(dir) {
  writeFileSync(join(dir, 'call.mjs'), CALLER);
  const line = await run('npx', ['otp-keys'], { cwd: dir, quiet: true });
  const [, secret = ''] = /^OTP_SECRET=(.+)$/m.exec(line) ?? [];
  const child = spawn(process.execPath, ['call.mjs'], {
    cwd: dir,
    env: { ...process.env, OTP_SECRET: secret },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  return {
    output: () => output,
    stop() {
      child.stdin.end();
      return closed;
    },
    async post(path, body, cookie = '') {
      const before = output.length;
      child.stdin.write(`${JSON.stringify({ path, body: JSON.stringify(body), cookie })}\n`);
      let result;
      while (result === undefined) {
        await Promise.race([once(child.stdout, 'data'), closed]);
        if (child.exitCode !== null) throw new Error('the function has ended');
        result = /^RESULT (.+)\n/m.exec(output.slice(before))?.[1];
      }
      const { statusCode, cookies = [], body: text } = JSON.parse(result);
      return {
        status: statusCode,
        cookie: cookies[0]?.split(';')[0],
        body: text && JSON.parse(text),
      };
    },
  };
}

/** @param {App} app @param {boolean} redeems */
async function verify(app, redeems) {
  const identifier = { type: 'email_address', value: 'ada@example.com' };
  const created = await app.post(MOUNT, { identifier });
  if (created.status !== 204) throw new Error(`a create is answered ${created.status}`);
  const [code = ''] = /\b\d{6}\b/.exec(app.output()) ?? [];
  const checked = await app.post(`${MOUNT}/check`, { code }, created.cookie);
  if (checked.status !== 200) throw new Error(`a check is answered ${checked.status}`);
  if (!redeems) return;
  const redeemed = await app.post('/session', checked.body);
  if (redeemed.status !== 200) throw new Error(`a redemption is answered ${redeemed.status}`);
}

/** @param {App} app */
async function verifyStepUp(app) {
  const order = { to: 'bob', amount: 10 };
  const challenge = await app.post('/transfer/challenge', order);
  const before = app.output().length;
  const created = await app.post(MOUNT, challenge.body);
  if (created.status !== 204) throw new Error(`a step-up is answered ${created.status}`);
  const [code = ''] = /\b\d{6}\b/.exec(app.output().slice(before)) ?? [];
  const checked = await app.post(`${MOUNT}/check`, { ...challenge.body, code }, created.cookie);
  if (checked.status !== 200) throw new Error(`its check is answered ${checked.status}`);
  const { body } = await app.post('/transfer', checked.body);
  assert.deepEqual(body, { transferred: order });
}
