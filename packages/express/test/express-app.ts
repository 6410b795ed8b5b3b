import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtpService } from '@otp/core';
import { adapterOver, type Start } from '@otp/test/adapter-over';
import { type ListeningApp, MOUNT } from '@otp/test/connection-suite';
import type { AdapterUnderTest, MountOptions } from '@otp/testing';
import express5, { type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import { otpRouter } from '../src/lib/router.js';

/** Both majors that the package supports. */
export const EXPRESS = { 'Express 5': express5, 'Express 4': express4 } as const;
export type ExpressName = keyof typeof EXPRESS;
export type ExpressFactory = typeof express5;

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

/** Passes `session` as an Express host does. */
export function routerOf(service: OtpService, { session }: MountOptions = {}): RequestHandler {
  return otpRouter(service, session === undefined ? {} : { session: () => session() });
}

/** The router in a real app, over real sockets; with `keepAlive`, one connection serves all requests. */
export function expressAdapter(
  express: ExpressFactory,
  { keepAlive = false } = {},
): AdapterUnderTest {
  const start: Start = (service, options) =>
    listen(express().use(MOUNT, routerOf(service, options)));
  return adapterOver(start, { keepAlive });
}
