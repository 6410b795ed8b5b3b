import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findFreePort } from './free-port.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';

/**
 * Its own command ends connections that are idle for 5 s, and so does the request that a busy client sends just then.
 */
const SCRIPT = `
const [dynalite, options, port] = process.argv.slice(1);
const server = require(dynalite)(JSON.parse(options));
server.keepAliveTimeout = 600_000;
server.listen(Number(port), '127.0.0.1');
`;

interface DynaliteConfig {
  /** Half of what an operation costs the emulator is the disk. @default true */
  readonly onDisk?: boolean;
}

/** An emulator of DynamoDB of its own. Any region and any credentials are good for it. */
export async function startDynalite({ onDisk = true }: DynaliteConfig = {}): Promise<TestServer> {
  const port = await findFreePort();
  const folder = createScratchFolder('dynalite');
  const dynalite = createRequire(import.meta.url).resolve('dynalite');
  const url = `http://127.0.0.1:${port}`;
  const options = {
    ...(onDisk ? { path: join(folder.path, 'data') } : {}),
    ...{ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 },
  };
  return startServer({
    command: process.execPath,
    args: ['--eval', SCRIPT, dynalite, JSON.stringify(options), String(port)],
    port,
    url,
    missing: 'no node found',
    isReady: () => isAnswering(url),
    cleanUp: folder.remove,
  });
}

/** It answers what is no request of DynamoDB, too. */
async function isAnswering(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}
