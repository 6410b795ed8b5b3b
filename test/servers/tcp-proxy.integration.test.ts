import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { countWaits, startDistantProxy } from '../count-waits.js';
import { startProxy, type TcpProxy } from './index.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A proxy before a server that answers everything in upper case. */
async function setUp(): Promise<{ proxy: TcpProxy; received: string[] }> {
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received.push(String(data));
      socket.write(String(data).toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy({ port: (server.address() as AddressInfo).port });
  closing.push(() => server.close(), proxy.close);
  return { proxy, received };
}

async function connect({ port }: TcpProxy): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** The reply, or that the connection ended instead. */
function ask(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(String(data)));
    socket.once('close', () => resolve('cut'));
    socket.write(text);
  });
}

test('passes requests and replies', async () => {
  const { proxy } = await setUp();
  expect(await ask(await connect(proxy), 'a')).toBe('A');
});

test('cuts connections and takes new ones', async () => {
  const { proxy } = await setUp();
  const socket = await connect(proxy);
  expect(await ask(socket, 'a')).toBe('A');
  const reply = ask(socket, '');
  proxy.cut();
  expect(await reply).toBe('cut');
  expect(await ask(await connect(proxy), 'b')).toBe('B');
});

test('silences connections without ending them, and takes new ones', async () => {
  const { proxy, received } = await setUp();
  const socket = await connect(proxy);
  expect(await ask(socket, 'a')).toBe('A');
  proxy.silence();
  const silence = new Promise((resolve) => setTimeout(resolve, 100, 'nothing'));
  expect(await Promise.race([ask(socket, 'b'), silence])).toBe('nothing');
  expect(await ask(await connect(proxy), 'c')).toBe('C');
  expect(received).toEqual(['a', 'c']);
});

test('refuses until it is told to pass', async () => {
  const { proxy, received } = await setUp();
  proxy.set('refuse');
  expect(await ask(await connect(proxy), 'a')).toBe('cut');
  proxy.set('pass');
  expect(await ask(await connect(proxy), 'b')).toBe('B');
  expect(received).toEqual(['b']);
});

test('holds everything back while it hangs', async () => {
  const { proxy, received } = await setUp();
  const socket = await connect(proxy);
  expect(await ask(socket, 'a')).toBe('A');
  proxy.set('hang');
  const reply = ask(socket, 'b');
  const other = ask(await connect(proxy), 'c');
  const early = new Promise((resolve) => setTimeout(resolve, 100, 'nothing'));
  expect(await Promise.race([reply, other, early])).toBe('nothing');
  expect(received).toEqual(['a']);
  proxy.set('pass');
  expect(await Promise.all([reply, other])).toEqual(['B', 'C']);
});

test('loses the reply to a request that the server has got', async () => {
  const { proxy, received } = await setUp();
  const socket = await connect(proxy);
  const lost = proxy.loseReplyTo('claim');
  expect(await ask(socket, 'ping')).toBe('PING');
  expect(await ask(socket, 'a claim')).toBe('cut');
  await lost;
  expect(received).toEqual(['ping', 'a claim']);
  expect(await ask(await connect(proxy), 'a claim')).toBe('A CLAIM');
});

test('loses every reply', async () => {
  const { proxy, received } = await setUp();
  proxy.set('lose replies');
  expect(await ask(await connect(proxy), 'a')).toBe('cut');
  expect(await ask(await connect(proxy), 'b')).toBe('cut');
  expect(received).toEqual(['a', 'b']);
});

test('takes longer', async () => {
  const { proxy } = await setUp();
  proxy.delay(50);
  const socket = await connect(proxy);
  const started = performance.now();
  expect(await ask(socket, 'a')).toBe('A');
  // There and back; a timer may fire a millisecond early.
  expect(performance.now() - started).toBeGreaterThanOrEqual(98);
});

test('behind a distant proxy, requests that are sent together are one wait', async () => {
  const near = await setUp();
  const proxy = await startDistantProxy(near.proxy);
  closing.push(proxy.close);
  const sockets = [await connect(proxy), await connect(proxy)] as const;
  const nothing = async () => {};
  const waits = await countWaits(nothing, async () => {
    await ask(sockets[0], 'first');
    await Promise.all(sockets.map((socket) => ask(socket, 'second')));
  });
  expect(waits).toBe(2);
});
