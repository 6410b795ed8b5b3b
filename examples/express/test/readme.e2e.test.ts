import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, email, outcome } from '@otp/example-shared/testing/client';
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
  const code = `process.on('disconnect', () => process.exit());\n${program.replaceAll('3000', port)}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
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
  return { client, printedCode: () => /\b\d{6}\b/.exec(output)?.[0] ?? '' };
}

describe.each(['README.md', 'packages/core/README.md', 'packages/express/README.md'])(
  '%s',
  (path) => {
    it('has a program that sends a code and takes it, as it stands', async () => {
      const [program] = programsIn(path);
      const { client, printedCode } = await start(program);
      expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
      const { status, body } = await client.check(printedCode());
      expect(status).toBe(200);
      // Core's has no endpoint of the host's.
      if (!program?.includes('consumeChallengeToken')) return;
      const take = () => client.send('POST', '/session', body);
      expect((await take()).status).toBe(200);
      expect(outcome(await take())).toBe('401 token_reused');
    });
  },
);

it('packages/express/README.md has a step-up that runs as it stands', async () => {
  const [, program] = programsIn('packages/express/README.md');
  const { client, printedCode } = await start(program);
  const challenge = await client.send('POST', '/transfer/challenge');
  expect(outcome(await client.create(challenge.body))).toBe('204');
  const { status, body } = await client.check(printedCode(), challenge.body.challenge_token);
  expect(status).toBe(200);
  const transfer = () => client.send('POST', '/transfer', body);
  expect((await transfer()).body).toEqual({ transferred: true });
  expect(outcome(await transfer())).toBe('401 token_reused');
});
