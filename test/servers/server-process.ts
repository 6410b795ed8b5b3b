import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Account } from './account.js';
import { waitUntil } from './wait-until.js';

/** A real server, and what can happen to it. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** SIGKILL: it loses what it has not written. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered, until `resume`. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port and data, after `kill` or instead of it. Resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it, with its data. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly url: string;
  /** Whether it answers what it is there for. */
  isReady(): Promise<boolean>;
  /** What to say where the program is missing. */
  readonly missing: string;
  readonly account?: Account | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** After its end: its folder goes. */
  readonly cleanUp?: () => void;
}

/** Starts a program and waits until it answers. It ends with this process, however that ends. */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  let running = await launch(options);
  return {
    url: options.url,
    port: options.port,
    kill: () => running.end(),
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
    async restart() {
      await running.end();
      running = await launch(options);
    },
    async stop() {
      await running.end();
      options.cleanUp?.();
    },
  };
}

interface Running {
  signal(signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

async function launch(options: ServerOptions): Promise<Running> {
  const { command, args, account, env, missing, isReady } = options;
  const child = spawn(command, args, {
    ...account,
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that the guard can end it.
    detached: true,
  });
  const output = collectOutput(child);
  const pid = await pidOf(child, missing);
  const release = guard(pid);
  const running: Running = {
    signal: (signal) => signalFamily(pid, signal),
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        signalFamily(pid, 'SIGKILL');
        await exited;
      }
      release();
    },
  };
  try {
    await waitUntil(`the start of ${command}`, async () => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
      return isReady();
    });
  } catch (cause) {
    await running.end();
    throw new Error(`${command} did not start:\n${output()}`, { cause });
  }
  return running;
}

function collectOutput({ stdout, stderr }: ChildProcess): () => string {
  const lines: string[] = [];
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (lines.length > 100) lines.shift();
    });
  }
  return () => lines.join('');
}

async function pidOf(child: ChildProcess, missing: string): Promise<number> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Error(missing, { cause });
  }
  // It has one, since it was spawned.
  return child.pid ?? 0;
}

/** The process and what it has started: Postgres's children have process groups of their own. */
function signalFamily(pid: number, signal: NodeJS.Signals): void {
  for (const member of familyOf(pid)) {
    try {
      process.kill(member, signal);
    } catch (error) {
      // ESRCH: it has ended by itself.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

function familyOf(pid: number): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = [pid];
  // It grows while it is walked through.
  for (const member of family) {
    for (const [child, parent] of all) {
      if (child !== undefined && parent === member) family.push(child);
    }
  }
  return family;
}

/**
 * Kills the group when this process is gone, SIGKILL included: the pipe to the guard's input then closes. Returns
 * what calls it off.
 */
function guard(pid: number): () => void {
  const script = 'read -r _; kill -KILL "-$0" 2>/dev/null';
  const child = spawn('sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  return () => void child.kill('SIGKILL');
}
