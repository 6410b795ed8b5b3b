import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findFreePort } from './free-port.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';

/** An emulator of DynamoDB of its own, which keeps its data on disk. Any region and any credentials are good for it. */
export async function startDynalite(): Promise<TestServer> {
  const port = await findFreePort();
  const folder = createScratchFolder('dynalite');
  const cli = join(dirname(createRequire(import.meta.url).resolve('dynalite')), 'cli.js');
  const url = `http://127.0.0.1:${port}`;
  const states = ['createTableMs', 'deleteTableMs', 'updateTableMs'];
  return startServer({
    command: process.execPath,
    args: [
      cli,
      ...['--host', '127.0.0.1', '--port', String(port), '--path', join(folder.path, 'data')],
      ...states.flatMap((name) => [`--${name}`, '0']),
    ],
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
