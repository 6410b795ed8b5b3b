import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest';

/** Environment variables of the demo. */
export type DemoSettings = Readonly<Record<string, string>>;

export interface Demo {
  readonly url: string;
  /** What it has written so far, both streams together. */
  readonly output: () => string;
  /** Ends it as a user does, and makes sure that nothing of it stays. */
  readonly stop: () => Promise<void>;
}

/** How to start a demo, as a user does. */
export interface DemoCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

export type DemoProgram = ReturnType<typeof demoProgram>;

/** What tests do with a demo. */
export function demoProgram(program: DemoCommand) {
  return {
    startDemo: (settings?: DemoSettings) => startDemo(program, settings),
    runDemo: (settings: DemoSettings) => runDemo(program, settings),
    useDemo: (settings?: DemoSettings) => useDemo(program, settings),
  };
}

/** What the shell of whoever runs the tests, or vitest itself, must not tell the demo. */
const FOREIGN =
  /^(?:OTP_|TWILIO_|AWS_|VITEST|npm_(?!config_)|(?:PORT|HOST|NODE_ENV|NODE_OPTIONS)$)/;

/** In a process group of its own. */
function spawnDemo(
  { command, args, cwd }: DemoCommand,
  settings: DemoSettings,
): { child: ChildProcess; output: () => string } {
  const env = { ...process.env };
  for (const name of Object.keys(env).filter((each) => FOREIGN.test(each))) delete env[name];
  const child = spawn(command, args, {
    cwd,
    env: { ...env, PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // When the tests are interrupted, nobody calls stop().
  const kill = () => isAlive(child) && process.kill(-Number(child.pid));
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

/** Resolves when the demo listens. */
async function startDemo(program: DemoCommand, settings: DemoSettings = {}): Promise<Demo> {
  const { child, output } = spawnDemo(program, settings);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const [, port] = /The demo is at http:\/\/\S*?:(\d+) /.exec(output()) ?? [];
      if (port !== undefined) resolve(`http://localhost:${port}`);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The demo has not started:\n${output()}`)));
  });
  return {
    url,
    output,
    async stop() {
      const status = await end(child);
      expect({ status, listening: await isListening(url) }).toEqual({
        status: 0,
        listening: false,
      });
      // An orphan counts until init has reaped it.
      await vi.waitUntil(() => !isAlive(child), { timeout: 20_000 });
    },
  };
}

/** For settings that are refused: waits for the end of it. */
async function runDemo(
  program: DemoCommand,
  settings: DemoSettings,
): Promise<{ status: number; output: string }> {
  const { child, output } = spawnDemo(program, settings);
  // One that is not refused would outlive the test.
  onTestFinished(() => void end(child));
  const [status] = await once(child, 'close');
  return { status, output: output() };
}

/** One demo for the tests of a file or a `describe`; its URL can be read once they run. */
function useDemo(program: DemoCommand, settings: DemoSettings = {}): Demo {
  let demo: Demo | undefined;
  const started = () => {
    if (demo === undefined) throw new Error('The demo starts with the first test.');
    return demo;
  };
  beforeAll(async () => {
    demo = await startDemo(program, settings);
  });
  afterAll(() => demo?.stop());
  return {
    get url() {
      return started().url;
    },
    output: () => started().output(),
    stop: () => started().stop(),
  };
}

/** The signal goes to the first process alone, which has to hand it on. */
async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const [status] = await closed;
  return status;
}

/** Whether any process of its group is left. */
function isAlive({ pid }: ChildProcess): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isListening(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
