import { once } from 'node:events';
import { type ClientHttp2Session, connect, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expectWholeFlow } from '@otp/test/whole-flow';
import {
  createTestService,
  type ExchangeRequest,
  type ExchangeResponse,
  type Header,
  post,
  type TestService,
} from '@otp/testing';
import fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { otpPlugin } from '../src/index.js';

async function start(t: TestService): Promise<ClientHttp2Session> {
  const app = fastify({ http2: true });
  app.register(otpPlugin, { prefix: '/otp', service: t.service });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const server: Http2Server = app.server;
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    session.destroy();
    await app.close();
  });
  return session;
}

async function send(
  session: ClientHttp2Session,
  { method, path, headers, body }: ExchangeRequest,
): Promise<ExchangeResponse> {
  const stream = session.request({
    ...Object.fromEntries(headers),
    ':method': method,
    ':path': `/otp${path}`,
  });
  stream.end(body);
  return read(stream);
}

async function read(stream: ReturnType<ClientHttp2Session['request']>): Promise<ExchangeResponse> {
  const [fields] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  // Iteration would reject when the server ends a stream whose request has not ended.
  await once(stream, 'end');
  const headers = Object.entries(fields).map(([name, value]): Header => [name, String(value)]);
  return { status: fields[':status'], headers, body: Buffer.concat(chunks).toString() };
}

test('over HTTP/2 the whole flow works, and errors are those of the contract', async () => {
  const t = createTestService();
  const session = await start(t);
  const put = await send(session, { method: 'PUT', path: '/', headers: [], body: '{}' });
  expect([put.status, JSON.parse(put.body).code]).toEqual([405, 'bad_request']);
  const typed = await send(session, post('/', '{}', { contentType: 'text/plain' }));
  expect([typed.status, JSON.parse(typed.body).code]).toEqual([400, 'bad_request']);
  await expectWholeFlow(t, (request) => send(session, request));
});

test('over HTTP/2 a body that does not end is refused, and its stream ends [B03]', async () => {
  const t = createTestService();
  const session = await start(t);
  const headers = { ':method': 'POST', ':path': '/otp', 'content-type': 'application/json' };
  const stream = session.request(headers);
  stream.on('error', () => {});
  stream.write(' '.repeat(200_000));
  const { status, body } = await read(stream);
  expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
  await vi.waitFor(() => expect(stream.closed).toBe(true));
  expect(t.store.calls).toEqual([]);
  await expectWholeFlow(t, (request) => send(session, request));
});
