import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createMemoryStore } from '@otp/core';
import type { OtpStore } from '@otp/core/store';

/** Serves a store of this process to others, which use it through `createStore(url)`: a line of JSON for each call. */
export async function serveStore(store: OtpStore): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Processes of a race are killed at its end.
    socket.on('error', () => {});
    createInterface(socket).on('line', async (line) => {
      const { id, verb, args } = JSON.parse(line);
      const answer: unknown = await Reflect.apply(Reflect.get(store, verb), store, args);
      socket.write(`${JSON.stringify({ id, answer })}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a TCP port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Returns the store that another process serves at that URL. */
export async function createStore(url: string): Promise<OtpStore> {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
  const waiting = new Map<number, (answer: unknown) => void>();
  let calls = 0;
  createInterface(socket).on('line', (line) => {
    const { id, answer } = JSON.parse(line);
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const ask = (verb: string, args: readonly unknown[]) =>
    new Promise((resolve) => {
      calls += 1;
      waiting.set(calls, resolve);
      socket.write(`${JSON.stringify({ id: calls, verb, args })}\n`);
    });
  return new Proxy(createMemoryStore(), {
    get(target, verb) {
      // `await` looks for `then`, which a store does not have.
      if (!(verb in target)) return undefined;
      return (...args: unknown[]) => ask(String(verb), args);
    },
  });
}
