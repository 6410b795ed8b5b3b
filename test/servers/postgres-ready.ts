import { createConnection } from 'node:net';

const TIMEOUT_MS = 2_000;

/** Whether a server takes connections: it answers a StartupMessage with its wish for authentication, or with an error. */
export function isPostgresReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: TIMEOUT_MS });
    const answer = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once('connect', () => socket.write(startupMessage()));
    socket.once('data', ([type]) => answer(type === 'R'.charCodeAt(0)));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
    socket.once('close', () => answer(false));
  });
}

/** Protocol 3.0; https://www.postgresql.org/docs/current/protocol-message-formats.html */
function startupMessage(): Buffer {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, parameters]);
}
