import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';

const START = fileURLToPath(new URL('../start.mjs', import.meta.url));

export type RunnerSettings = Readonly<Record<string, string>>;

/** The built runner, with these settings and no others. */
function spawnRunner(settings: RunnerSettings) {
  const { PATH, LAMBDA_RIC_PATH } = process.env;
  const child = spawn(process.execPath, [START], {
    env: { PATH, LAMBDA_RIC_PATH, PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

/** For settings that are refused: waits for the end of it. */
export async function runRunner(settings: RunnerSettings) {
  const { child, output } = spawnRunner(settings);
  const [status] = await once(child, 'close');
  return { status, output: output() };
}

/** One runner for the tests of a `describe`; its URL can be read once they run. */
export function useRunner(settings: RunnerSettings = {}) {
  let child: ChildProcess | undefined;
  let url = '';
  beforeAll(async () => {
    const runner = spawnRunner(settings);
    child = runner.child;
    url = await new Promise((resolve, reject) => {
      runner.child.stdout.on('data', () => {
        const [found] = /http:\/\/localhost:\d+/.exec(runner.output()) ?? [];
        if (found !== undefined) resolve(found);
      });
      runner.child.once('close', () => reject(new Error(`It has ended:\n${runner.output()}`)));
    });
  });
  afterAll(async () => {
    if (child === undefined || child.exitCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  });
  return {
    get url() {
      return url;
    },
  };
}
