import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, email, outcome } from '@otp/example-shared/testing/client';
import { RawClient } from '@otp/test/raw-client';
import { findFreePort, waitUntil } from '@otp/test/servers';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

/** The programs of a README: its blocks of JavaScript that listen. */
function programsIn(path: string): string[] {
  const text = readFileSync(new URL(path, ROOT), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```/gms)]
    .map(([, code = '']) => code)
    .filter((code) => code.includes('listen(3000'));
}

let end: () => Promise<void> = async () => {};
afterEach(() => end());

/** Runs it as it stands, on another port. */
async function start(program = '') {
  const port = String(await findFreePort());
  const source = `process.on('disconnect', () => process.exit());\n${program.replaceAll('3000', port)}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('examples/express', ROOT)),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const closed = once(child, 'close');
  end = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const client = new Client({ url: `http://localhost:${port}` });
  await waitUntil('the start of the program', async () => {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}`);
    return client.send('GET', '/').then(
      () => true,
      () => false,
    );
  });
  const code = /\b\d{6}\b/;
  const printedCode = async () => {
    // The pipe may be slower than the answer.
    await waitUntil('the code', async () => code.test(output));
    return code.exec(output)?.[0] ?? '';
  };
  return { client, port: Number(port), printedCode };
}

const HEAD = 'Host: a\r\nContent-Type: application/json\r\n';
const CREATE = `POST /v1/session/otp HTTP/1.1\r\n${HEAD}`;

/** Requests that have ended a server whose handler lets an error through. */
const ATTACKS: readonly [string, (client: RawClient) => Promise<void>][] = [
  [
    'a body that the client cuts off',
    async (client) => {
      await client.send(`${CREATE}Content-Length: 100\r\n\r\n{"identifier":`);
      client.close();
    },
  ],
  [
    'a body that does not end',
    async (client) => {
      await client.send(`${CREATE}Transfer-Encoding: chunked\r\n\r\n`);
      void client.send(`10000\r\n${' '.repeat(0x10000)}\r\n`);
      expect((await client.next()).status).toBe(400);
    },
  ],
  [
    'a path of two slashes',
    async (client) => {
      await client.send(`GET // HTTP/1.1\r\n${HEAD}\r\n`);
      expect((await client.next()).status).toBe(404);
    },
  ],
];

describe.each(['README.md', 'packages/core/README.md', 'packages/express/README.md'])(
  'the first program of %s',
  (path) => {
    it('sends a code and accepts it, as it stands', async () => {
      const [program] = programsIn(path);
      const { client, printedCode } = await start(program);
      expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
      const { status, body } = await client.check(await printedCode());
      expect(status).toBe(200);
      // Core's has no endpoint of the host's.
      if (!program?.includes('consumeSessionStart')) return;
      const take = () => client.send('POST', '/session', body);
      expect((await take()).status).toBe(200);
      expect(outcome(await take())).toBe('401 token_reused');
    });

    it.each(ATTACKS)('survives %s', async (_, attack) => {
      const [program] = programsIn(path);
      const { client, port } = await start(program);
      const attacker = await RawClient.open(port);
      await attack(attacker);
      // Twice: the first answer may overtake the end of the server.
      for (const to of ['ada@example.com', 'grace@example.com']) {
        expect(outcome(await client.create(email(to)))).toBe('204');
      }
      attacker.close();
    });
  },
);

const hasCurl = spawnSync('curl', ['--version']).status === 0;

it.runIf(hasCurl)('README.md has curl commands that run as they stand', async () => {
  const { port, printedCode } = await start(programsIn('README.md')[0]);
  const text = readFileSync(new URL('README.md', ROOT), 'utf8');
  const [, block = ''] = /^```sh\n([^`]*?^curl[^`]*)^```/m.exec(text) ?? [];
  const [create = '', check = '', redeem = ''] = block.split('\n\n');
  const cwd = mkdtempSync(join(tmpdir(), 'otp-readme-'));
  const run = async (command: string) => {
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', command.replaceAll(':3000', `:${port}`)],
      { cwd },
    );
    return stdout;
  };
  try {
    expect(await run(create)).toMatch(/^HTTP\/1\.1 204 /);
    const { challenge_token } = JSON.parse(await run(check.replace('123456', await printedCode())));
    const redeemToken = redeem.replace('eyJ…', challenge_token);
    const identifier = { type: 'email_address', value: 'ada@example.com' };
    expect(JSON.parse(await run(redeemToken))).toEqual({ signedIn: identifier });
    expect(JSON.parse(await run(redeemToken))).toEqual({ code: 'token_reused' });
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

it('packages/express/README.md has a step-up that runs as it stands', async () => {
  const [, program] = programsIn('packages/express/README.md');
  const { client, printedCode } = await start(program);
  const challenge = await client.send('POST', '/transfer/challenge');
  expect(outcome(await client.create(challenge.body))).toBe('204');
  const { status, body } = await client.check(await printedCode(), challenge.body.challenge_token);
  expect(status).toBe(200);
  const transfer = () => client.send('POST', '/transfer', body);
  expect((await transfer()).body).toEqual({ transferred: true });
  expect(outcome(await transfer())).toBe('401 token_reused');
});
