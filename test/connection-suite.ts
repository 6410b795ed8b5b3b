import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { getDefaultHighWaterMark } from 'node:stream';
import type { OtpService } from '@otp/core';
import {
  cookieOf,
  createTestService,
  exchangeOver,
  headerValues,
  post,
  type TestService,
} from '@otp/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { RawClient, rawRequest } from './raw-client.js';

export const MOUNT = '/v1/session/otp';

export interface ListeningApp {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** Serves a service under `MOUNT`, in an app that sets a cookie of its own: the value of the header `x-host-cookie`. */
export type Serve = (service: OtpService) => Promise<ListeningApp>;

const EMAIL = JSON.stringify({ identifier: { type: 'email_address', value: 'user@example.com' } });
const JSON_TYPE = 'Content-Type: application/json';

/** Node fills a buffer before it stops reading for a paused request: since Node 22 it has 64 KiB, one read more. */
const BUFFERED_BY_NODE = getDefaultHighWaterMark(false) > 16 * 1024 ? 64 * 1024 : 0;

interface Mounted extends TestService, ListeningApp {
  /** The number of bytes that the server has read from its connections. */
  bytesRead(): number;
}

const open: { close(): unknown }[] = [];

async function connectTo({ port }: ListeningApp): Promise<RawClient> {
  const client = await RawClient.open(port);
  open.push(client);
  return client;
}

/** Neither the store nor the sender was called, and the next client is served. */
async function expectUntouchedAndAlive(t: Mounted): Promise<void> {
  expect(t.store.calls).toEqual([]);
  expect(t.sender.attempts).toBe(0);
  const created = await exchangeOver(t.port, { ...post('/', EMAIL), path: MOUNT });
  expect(created.status).toBe(204);
  expect(t.sender.messages).toHaveLength(1);
}

/**
 * Requests as bytes on a connection: the same for every adapter that serves from `node:http`.
 *
 * @param name of the framework
 * @param serve starts it
 */
export function connectionSuite(name: string, serve: Serve): void {
  async function mount(options: Parameters<typeof createTestService>[0] = {}): Promise<Mounted> {
    const t = createTestService(options);
    const listening = await serve(t.service);
    const sockets: Socket[] = [];
    listening.server.on('connection', (socket) => sockets.push(socket));
    open.push(listening);
    const bytesRead = () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
    return { ...t, ...listening, bytesRead };
  }

  describe(name, () => {
    afterEach(async () => {
      for (const each of open.splice(0).reverse()) await each.close();
    });

    test('other methods get 405 with Allow, and the connection stays usable [B01]', async () => {
      const t = await mount();
      const client = await connectTo(t);
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
        for (const path of ['', '/retry', '/check']) {
          await client.send(
            rawRequest(`${method} ${MOUNT}${path}`, [JSON_TYPE], method === 'PUT' ? EMAIL : ''),
          );
          const { status, head, body } = await client.next();
          expect(status).toBe(405);
          expect(head).toMatch(/^allow: POST$/m);
          // No body after HEAD, or the next response would begin in the middle of it.
          if (method === 'HEAD') expect(body).toBe('');
          else expect(JSON.parse(body)).toMatchObject({ code: 'bad_request', type: 'bad_request' });
        }
      }
      expect(client.isOpen).toBe(true);
      await expectUntouchedAndAlive(t);
    });

    test('a request that names its whole URL is found (RFC 9112, 3.2.2) [L01]', async () => {
      const t = await mount();
      const client = await connectTo(t);
      await client.send(rawRequest(`POST http://api.example.com${MOUNT}?x`, [JSON_TYPE], EMAIL));
      expect((await client.next()).status).toBe(204);
      await client.send(rawRequest(`GET HTTP://api.example.com${MOUNT}/status`, [], ''));
      expect((await client.next()).status).toBe(401);
    });

    test.each([
      [['Content-Type: text/plain']],
      [['Content-Type: application/x-www-form-urlencoded']],
      [['Content-Type: multipart/form-data; boundary=x']],
      [[]],
      [[JSON_TYPE, JSON_TYPE]],
      [[JSON_TYPE, 'Content-Type: text/plain']],
      [['Content-Type: text/plain', JSON_TYPE]],
      [[`${JSON_TYPE}, text/plain`]],
      [['Content-Type:']],
      [[JSON_TYPE, 'Content-Encoding: gzip']],
    ])(
      'CVE-2022-41919 valid JSON under %j is refused before any limit is charged [B02]',
      async (fields) => {
        const t = await mount();
        const client = await connectTo(t);
        await client.send(rawRequest(`POST ${MOUNT}`, fields, EMAIL));
        const { status, body } = await client.next();
        expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
        await expectUntouchedAndAlive(t);
      },
    );

    test('8 KiB in chunks are accepted, one byte more is refused [B03]', async () => {
      const t = await mount();
      const chunked = (text: string) =>
        `${rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Transfer-Encoding: chunked'], '', { length: null })}${[
          text.slice(0, 5000),
          text.slice(5000),
        ]
          .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
          .join('')}0\r\n\r\n`;
      const client = await connectTo(t);
      await client.send(chunked(EMAIL.padEnd(8193)));
      const { status, body } = await client.next();
      expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
      expect(t.store.calls).toEqual([]);
      const another = await connectTo(t);
      await another.send(chunked(EMAIL.padEnd(8192)));
      expect((await another.next()).status).toBe(204);
    });

    test('10 MiB in chunks without a length are refused after at most 64 KiB more [B03]', async () => {
      const t = await mount();
      const client = await connectTo(t);
      await client.send(
        rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Transfer-Encoding: chunked'], '', {
          length: null,
        }),
      );
      // As fast as the connection allows, until the server closes it.
      const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
      for (let sent = 0; sent < 10 * 2 ** 20 && client.isOpen; sent += 4 * 0x4000) {
        void client.send(chunk.repeat(4));
      }
      const { status, head, body } = await client.next();
      expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
      expect(head).toMatch(/^connection: close$/m);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(t.bytesRead()).toBeLessThanOrEqual(8192 + 64 * 1024 + BUFFERED_BY_NODE + 256);
      await expectUntouchedAndAlive(t);
    });

    test('a length of 10 MiB is refused before the body is sent [B03]', async () => {
      const t = await mount();
      const client = await connectTo(t);
      await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], '', { length: 10 * 2 ** 20 }));
      const { status, body } = await client.next();
      expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
      await expectUntouchedAndAlive(t);
    });

    test.each([
      '',
      'null',
      '[]',
      '"x"',
      '1',
      '{}',
      `${EMAIL}${EMAIL}`,
      `${EMAIL}x`,
      `\ufeff${EMAIL}`,
      '{"a":"\\u0000"}',
    ])('the body %j is a bad request on create and check [B04]', async (body) => {
      const t = await mount();
      const client = await connectTo(t);
      for (const path of ['', '/check']) {
        await client.send(rawRequest(`POST ${MOUNT}${path}`, [JSON_TYPE], body));
        const answer = await client.next();
        expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'bad_request']);
      }
      await expectUntouchedAndAlive(t);
    });

    test('invalid UTF-8 is a bad request [B04]', async () => {
      const t = await mount();
      const body = Buffer.concat([
        Buffer.from(EMAIL.slice(0, -1)),
        Buffer.from(',"x":"'),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]);
      const response = await exchangeOver(t.port, { ...post('/', body), path: MOUNT });
      expect([response.status, JSON.parse(response.body).code]).toEqual([400, 'bad_request']);
      await expectUntouchedAndAlive(t);
    });

    test('an aborted body leaves nothing behind [B03]', async () => {
      const t = await mount();
      const client = await connectTo(t);
      await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL, { length: 500 }));
      await new Promise((resolve) => setTimeout(resolve, 50));
      client.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await expectUntouchedAndAlive(t);
    });

    test('contradictory headers are refused and leave nothing behind [B03]', async () => {
      const t = await mount();
      const requests = [
        rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Transfer-Encoding: chunked'], EMAIL),
        rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Content-Length: 5'], EMAIL),
        rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Content-Length: x'], EMAIL, { length: null }),
      ];
      for (const request of requests) {
        const client = await connectTo(t);
        await client.send(request);
        expect((await client.next()).status).toBe(400);
      }
      await expectUntouchedAndAlive(t);
    });

    test('the cookie has its expected bytes, once, beside the cookies of the host [K01]', async () => {
      const bytes = (size: number) =>
        Buffer.from(Array.from({ length: size }, (_, index) => index));
      const t = await mount({ randomness: { bytes, int: () => 7 } });
      const headers = [['x-host-cookie', 'host=1']] as const;
      const created = await exchangeOver(t.port, post(MOUNT, EMAIL, { headers }));
      expect(headerValues(created, 'set-cookie')).toEqual([
        'host=1',
        '__verification-login_app=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600',
      ]);
      expect(headerValues(created, 'cache-control')).toEqual(['no-store']);
      expect(created.body).toBe('');
    });

    test('two verification cookies are unauthorized, in one field and in two, in both orders [K04]', async () => {
      const t = await mount();
      const cookie = cookieOf(await exchangeOver(t.port, { ...post('/', EMAIL), path: MOUNT }));
      const other = `__verification-login_app=${'A'.repeat(43)}`;
      const body = JSON.stringify({ code: t.code() });
      const before = t.store.calls.length;
      const client = await connectTo(t);
      for (const fields of [
        [`Cookie: ${cookie}; ${other}`],
        [`Cookie: ${other}; ${cookie}`],
        [`Cookie: ${cookie}`, `Cookie: ${other}`],
        [`Cookie: ${other}`, `cookie: ${cookie}`],
      ]) {
        await client.send(rawRequest(`POST ${MOUNT}/check`, [JSON_TYPE, ...fields], body));
        const answer = await client.next();
        expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'unauthorized']);
        expect(answer.head).toContain('set-cookie: __verification-login_app=; Path=/; HttpOnly;');
      }
      expect(t.store.calls).toHaveLength(before);
      await client.send(rawRequest(`POST ${MOUNT}/check`, [JSON_TYPE, `Cookie: ${cookie}`], body));
      expect((await client.next()).status).toBe(200);
    });

    test('of 1,000 concurrent checks with the correct code, one succeeds [R02]', async () => {
      const t = await mount();
      const cookie = cookieOf(await exchangeOver(t.port, { ...post('/', EMAIL), path: MOUNT }));
      const request = { ...post('/check', { code: t.code() }, { cookie }), path: `${MOUNT}/check` };
      const responses = await Promise.all(
        Array.from({ length: 1000 }, () => exchangeOver(t.port, request)),
      );
      const statuses = responses.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(999);
      expect(t.store.stored.size).toBe(1);
      expect(t.sender.messages).toHaveLength(1);
    });

    test('a connection is reused after every kind of error', async () => {
      const t = await mount();
      const client = await connectTo(t);
      const requests: [number, string][] = [
        [400, rawRequest(`POST ${MOUNT}`, ['Content-Type: text/plain'], 'x'.repeat(3000))],
        [400, rawRequest(`POST ${MOUNT}`, [JSON_TYPE], 'x'.repeat(9000))],
        [400, rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Content-Encoding: br'], 'x'.repeat(60_000))],
        [405, rawRequest(`PUT ${MOUNT}`, [JSON_TYPE], EMAIL)],
        [404, rawRequest(`POST ${MOUNT}/nope`, [JSON_TYPE], EMAIL)],
        [401, rawRequest(`POST ${MOUNT}/check`, [JSON_TYPE], '{"code":"123456"}')],
        [200, rawRequest(`GET ${MOUNT}/jwks.json`, [], '', { length: null })],
        [204, rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL)],
        [403, rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL)],
      ];
      for (const [expected, request] of requests) {
        await client.send(request);
        const { status } = await client.next();
        expect(status).toBe(expected);
      }
      expect(client.isOpen).toBe(true);
      expect(t.sender.messages).toHaveLength(1);
    });

    test('pipelined requests are answered in order', async () => {
      const t = await mount();
      const client = await connectTo(t);
      await client.send(
        [
          rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL),
          rawRequest(`POST ${MOUNT}/nope`, [JSON_TYPE], EMAIL),
          rawRequest(`POST ${MOUNT}`, ['Content-Type: text/plain'], EMAIL),
          rawRequest(`GET ${MOUNT}/jwks.json`, [], '', { length: null }),
        ].join(''),
      );
      const statuses = [];
      for (let count = 0; count < 4; count += 1) statuses.push((await client.next()).status);
      expect(statuses).toEqual([204, 404, 400, 200]);
      expect(t.sender.messages).toHaveLength(1);
    });

    test('a client that expects 100 Continue gets it, and then its response', async () => {
      const t = await mount();
      const client = await connectTo(t);
      const fields = [JSON_TYPE, 'Expect: 100-continue'];
      await client.send(rawRequest(`POST ${MOUNT}`, fields, '', { length: EMAIL.length }));
      expect((await client.next()).status).toBe(100);
      await client.send(EMAIL);
      expect((await client.next()).status).toBe(204);
      expect(t.sender.messages).toHaveLength(1);
    });

    test('a client that disconnects before the response affects no other client', async () => {
      let release = () => {};
      const slow = new Promise<void>((resolve) => {
        release = resolve;
      });
      const t = await mount({
        guard: () => slow.then(() => 'allow' as const),
      });
      const client = await connectTo(t);
      await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL));
      const [socket] = await once(t.server, 'request').then(([request]) => [request.socket]);
      client.close();
      await once(socket, 'close');
      release();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const response = await exchangeOver(t.port, {
        method: 'GET',
        path: `${MOUNT}/jwks.json`,
        headers: [],
      });
      expect(response.status).toBe(200);
    });
  });
}
