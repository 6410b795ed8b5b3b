import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingError } from './setting-error.js';
import type { Settings } from './settings.js';

/**
 * The port on which it listens then.
 * @throws SettingError when it cannot.
 */
export async function listen(
  server: Server,
  { host, port }: Pick<Settings, 'host' | 'port'>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => {
      reject(new SettingError(`The demo cannot listen on HOST ${host}, PORT ${port}: ${message}`));
    });
    server.listen(port, host, resolve);
  });
  // An `AddressInfo`, because it listens on a port.
  return (server.address() as AddressInfo).port;
}

export interface Served {
  readonly server: Server;
  /** Ends what the server stands on. */
  readonly stop?: () => Promise<void>;
}

/** Serves until a signal; a setting that cannot be used is told in one line. */
export async function runProgram(serve: () => Promise<Served>): Promise<void> {
  try {
    const { server, stop } = await serve();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, async () => {
        await stop?.();
        server.close(() => process.exit(0));
        server.closeAllConnections();
      });
    }
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
