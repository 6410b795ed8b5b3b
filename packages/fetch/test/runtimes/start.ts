import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, waitUntil } from '@otp/test/servers';
import { build } from 'esbuild';

export const RUNTIMES = ['node', 'bun', 'deno', 'workerd'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** Programs, and a folder with our packages from npm; see scripts/runtimes-setup.mjs. */
interface Installed extends Readonly<Record<Exclude<RuntimeName, 'node'>, string>> {
  readonly folder: string;
}

export interface RunningRuntime {
  readonly url: string;
  /** What it has printed. */
  output(): string;
  stop(): Promise<void>;
}

/** Bundles a program for a runtime and starts it; our packages are those from npm. */
export async function startRuntime(name: RuntimeName, entry: string): Promise<RunningRuntime> {
  const installed = findInstalled();
  const port = await findFreePort();
  const file = await bundle(name, entry, installed.folder);
  return run(name, commandOf(name, file, port, installed), port, installed.folder);
}

/** Starts the first program of the README as it says. */
export async function startReadme(name: 'bun' | 'deno'): Promise<RunningRuntime> {
  const installed = findInstalled();
  const port = await findFreePort();
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, program = ''] = /^```js\n(.*?)^```/ms.exec(readme) ?? [];
  const file = join(installed.folder, 'server.mjs');
  writeFileSync(file, program);
  const [, flags = ''] = /`deno serve (.+?) --port/.exec(readme) ?? [];
  const command: [string, ...string[]] =
    name === 'bun'
      ? [installed.bun, file]
      : [installed.deno, 'serve', ...flags.split(' '), '--port', String(port), file];
  return run(name, command, port, installed.folder);
}

function findInstalled(): Installed {
  return JSON.parse(process.env.OTP_RUNTIMES ?? '{}');
}

async function run(
  name: RuntimeName,
  [program, ...args]: readonly [string, ...string[]],
  port: number,
  cwd: string,
): Promise<RunningRuntime> {
  // Bun reads the port of a default export from the environment.
  const env = { ...process.env, PORT: String(port) };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = `http://127.0.0.1:${port}`;
  const output = collect(child);
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  await waitUntil(`a response of ${name}`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} has ended:\n${output()}`);
    return fetch(url).then(
      () => true,
      () => false,
    );
  });
  return { url, output, stop };
}

async function bundle(name: RuntimeName, entry: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}-${entry}.mjs`);
  const common = { bundle: true, format: 'esm', target: 'es2023', logLevel: 'error' } as const;
  await build({
    ...common,
    entryPoints: [fileURLToPath(new URL(`./${entry}.ts`, import.meta.url))],
    outfile,
    external: ['@otp/core', '@otp/fetch', 'node:*'],
    platform: 'node',
  });
  if (name !== 'workerd') return outfile;
  // A worker is one file. The conditions are those of Cloudflare's own bundler.
  const worker = join(folder, `${entry}.worker.mjs`);
  await build({
    ...common,
    entryPoints: [outfile],
    outfile: worker,
    external: ['node:*'],
    conditions: ['workerd', 'worker', 'browser'],
  });
  return worker;
}

function commandOf(
  name: RuntimeName,
  file: string,
  port: number,
  installed: Installed,
): [string, ...string[]] {
  if (name === 'node') return [process.execPath, file, String(port)];
  if (name === 'bun') return [installed.bun, file, String(port)];
  if (name === 'deno') return [installed.deno, 'run', '--allow-all', file, String(port)];
  const config = `${file}.capnp`;
  writeFileSync(config, configOf(file, port));
  return [installed.workerd, 'serve', config];
}

function configOf(file: string, port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.mjs", esModule = embed "${file.slice(file.lastIndexOf('/') + 1)}")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [(name = "PORT", json = "${port}")],
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`;
}

function collect({ stdout, stderr }: ChildProcess): () => string {
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return () => output;
}
