import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@otp/example-shared/testing/client';
import { findFreePort, waitUntil } from '@otp/test/servers';
import { onTestFinished } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

/** The blocks of code of a page. */
export function blocksOf(page: string, language = 'js'): string[] {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)];
  return blocks.flatMap(([, tag, code = '']) => (tag === language ? [code] : []));
}

/** The programs of a page: its blocks that listen. */
export const programsOf = (page: string) =>
  blocksOf(page).filter((code) => /listen\((?:\{ port: )?3000/.test(code));

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reaches under the name of a host: the URL of a server that stands in for it. */
  readonly standIns?: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  /** What it has written so far. */
  output(): string;
  /** Waits for a match of a pattern in its output. */
  find(pattern: RegExp): Promise<string>;
}

/** Runs a program as it stands, until the test ends. */
export function runProgram(code = '', { env, standIns }: ProgramOptions = {}): RunningProgram {
  const preload = new URL('stand-ins.mjs', import.meta.url).href;
  const withEnd = `process.on('disconnect', () => process.exit());\n${code}`;
  const child = spawn(
    process.execPath,
    ['--import', preload, '--input-type=module', '--eval', withEnd],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        ...env,
        STAND_INS: JSON.stringify(standIns ?? {}),
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  return {
    output: () => output,
    async find(pattern) {
      await waitUntil(`${pattern} in the output of the program`, async () => {
        if (child.exitCode) throw new Error(`the program ended with ${child.exitCode}`);
        return pattern.test(output);
      });
      return pattern.exec(output)?.[0] ?? '';
    },
  };
}

export interface StartedProgram extends RunningProgram {
  readonly client: Client;
  readonly port: number;
}

/** Runs a program that listens on port 3000, on another port. */
export async function startProgram(
  code: string | undefined,
  options?: ProgramOptions,
): Promise<StartedProgram> {
  const port = await findFreePort();
  const program = runProgram(code?.replaceAll('3000', String(port)), options);
  const client = new Client({ url: `http://localhost:${port}` });
  await waitUntil('the start of the program', async () =>
    client.send('GET', '/').then(
      () => true,
      () => false,
    ),
  );
  return { ...program, client, port };
}
