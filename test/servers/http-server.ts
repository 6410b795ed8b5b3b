import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface HttpServer {
  readonly url: string;
  /** Ends it, and the connections that are open. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  /** With `forgets_connections` or `resets_connections` only the first request of each connection is answered. */
  readonly behaviour?: unknown;
}

/** An HTTP service of somebody else's, as a test plays it: `answer` gets each request once its body is here. */
export async function startHttpServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => unknown,
  { behaviour }: HttpServerOptions = {},
): Promise<HttpServer> {
  const used = new WeakSet<Socket>();
  const server = createServer(async (request, response) => {
    const { socket } = request;
    if (used.has(socket)) {
      if (behaviour === 'forgets_connections') return;
      if (behaviour === 'resets_connections') return void socket.resetAndDestroy();
    }
    used.add(socket);
    await answer(request, await text(request), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // An `AddressInfo`, because it listens on a port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
