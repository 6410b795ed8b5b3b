import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, email, outcome } from '@otp/example-shared/testing/client';
import { findFreePort, startPostgres, type TestServer, waitUntil } from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFilesOfPage } from '../../../scripts/lib/files-of-page.mjs';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

/** Inside the example, whose packages it finds. The types are those that we publish, not the sources. */
const CONFIG = `export default { turbopack: { root: ${JSON.stringify(join(here, '..', '..'))} } };\n`;
const TYPES = {
  compilerOptions: {
    strict: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: ['node'],
    skipLibCheck: true,
  },
  include: ['**/*.ts'],
};

let dir: string;
let database: TestServer;
let client: Client;
let output = '';
let stop = () => {};

beforeAll(async () => {
  dir = mkdtempSync(join(here, '.guide-'));
  writeFilesOfPage('docs/guides/next-with-postgres.md', dir);
  writeFileSync(join(dir, 'next.config.mjs'), CONFIG);
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(TYPES));
  database = await startPostgres();
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.url,
    OTP_SECRET: randomBytes(32).toString('base64'),
    CRON_SECRET: 'cron',
    NEXT_TELEMETRY_DISABLED: '1',
  };
  await execute(process.execPath, ['migrate.mjs'], { cwd: dir, env });
  await execute(process.execPath, [next, 'build'], { cwd: dir, env });
  const port = await findFreePort();
  const args = [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
  const child = spawn(process.execPath, args, {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stop = () => void child.kill();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  client = new Client({ url: `http://127.0.0.1:${port}` });
  await waitUntil('the start of the app', () =>
    client.send('GET', '/').then(
      () => true,
      () => false,
    ),
  );
});

afterAll(async () => {
  stop();
  await database.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('the app of docs/guides/next-with-postgres.md', () => {
  it('signs in once with the token of a check', async () => {
    expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
    const { status, body } = await client.check(/\b\d{6}\b/.exec(output)?.[0] ?? '');
    expect(status).toBe(200);
    const session = await client.send('POST', '/session', body);
    expect(session.body).toEqual({ email: 'ada@example.com' });
    expect(outcome(await client.send('POST', '/session', body))).toBe('401 token_reused');
  });

  it('cleans up for the scheduler only', async () => {
    const cleanUp = (secret: string) =>
      client.send('GET', '/cron/clean-up', undefined, { authorization: `Bearer ${secret}` });
    expect((await cleanUp('other')).status).toBe(401);
    expect((await cleanUp('cron')).body).toEqual({ removed: expect.any(Number) });
  });
});
