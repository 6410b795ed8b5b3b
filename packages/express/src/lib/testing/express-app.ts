import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtpService } from '@otp/core';
import type {
  AdapterUnderTest,
  ExchangeRequest,
  ExchangeResponse,
  Header,
  MountOptions,
} from '@otp/core/testing';
import express5, { type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import { otpRouter } from '../router.js';

/** Both majors that the package supports. */
export const EXPRESS = { 'Express 5': express5, 'Express 4': express4 } as const;
export type ExpressName = keyof typeof EXPRESS;
export type ExpressFactory = typeof express5;

export const MOUNT = '/v1/session/otp';

export interface ListeningApp {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** An app on a free port of this machine. */
export async function listen(app: Express | RequestHandler): Promise<ListeningApp> {
  const server = createServer(app as Express);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends one request as it is written, repeated fields and all; without an agent over a connection of its own. */
export async function exchangeOver(
  port: number,
  { method, path, headers, body }: ExchangeRequest,
  agent: Agent | false = false,
): Promise<ExchangeResponse> {
  const bytes = Buffer.from(body ?? '');
  // A list is sent as it is, so what Node adds by itself has to be in it.
  const length: Header[] =
    body === undefined && method !== 'POST' ? [] : [['content-length', String(bytes.length)]];
  const fields: Header[] = [['host', `127.0.0.1:${port}`], ...headers, ...length];
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent,
    headers: fields.flat(),
  });
  request.end(bytes.length === 0 ? undefined : bytes);
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const raw: string[] = response.rawHeaders;
  const received = raw.flatMap((name, index): Header[] =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? '']] : [],
  );
  return {
    status: response.statusCode,
    headers: received,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** `session` as an Express host passes it. */
function routerOf(service: OtpService, { session }: MountOptions = {}): RequestHandler {
  return otpRouter(service, session === undefined ? {} : { session: () => session() });
}

/** The router in a real app, over real sockets; `keepAlive`: over one connection as long as it lasts. */
export function expressAdapter(
  express: ExpressFactory,
  { keepAlive = false } = {},
): AdapterUnderTest {
  return {
    async mount(service, options) {
      const { port, close } = await listen(express().use(MOUNT, routerOf(service, options)));
      const agent = keepAlive && new Agent({ keepAlive, maxSockets: 1 });
      return {
        url: `http://127.0.0.1:${port}${MOUNT}`,
        exchange: (request) => {
          const path = request.path.replace(/^\/(?=$|\?)/, '');
          return exchangeOver(port, { ...request, path: `${MOUNT}${path}` }, agent);
        },
        close,
      };
    },
  };
}
