import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMemoryStore } from '../memory-store.js';
import type { OtpStore } from '../ports.js';

/** Lends a store of this process to others, which reach it by `createStore(url)`. */
export async function serveStore(store: OtpStore): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { verb, args } = JSON.parse(await text(request));
    const answer: unknown = await Reflect.apply(Reflect.get(store, verb), store, args);
    response.end(JSON.stringify({ answer }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The store that the process of that URL has lent. */
export async function createStore(url: string): Promise<OtpStore> {
  return new Proxy(createMemoryStore(), {
    get(target, verb) {
      // `then` is none: whoever awaits a store looks for one.
      if (!(verb in target)) return undefined;
      return (...args: unknown[]) => ask(url, { verb, args });
    },
  });
}

async function ask(url: string, call: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(call) });
  const { answer } = JSON.parse(await response.text());
  return answer;
}
