import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface HttpServer {
  readonly url: string;
  /** Ends it, and the connections that are open. */
  close(): Promise<void>;
}

/** An HTTP service of somebody else's, as a test plays it: `answer` gets each request once its body is here. */
export async function startHttpServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => unknown,
): Promise<HttpServer> {
  const server = createServer(async (request, response) => {
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
