import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtpService } from '@otp/core';
import { type ListeningApp, MOUNT } from '@otp/test/transport-suite';
import { type AdapterUnderTest, exchangeOver, type MountOptions } from '@otp/testing';
import fastify, { type FastifyInstance } from 'fastify';
import oldestFastify from 'fastify5.0';
import { otpPlugin } from '../src/index.js';

export type FastifyFactory = typeof fastify;

/** The newest version and the oldest that the package supports. */
export const FASTIFY: Readonly<Record<string, FastifyFactory>> = {
  'Fastify 5': fastify,
  'Fastify 5.0': oldestFastify as unknown as FastifyFactory,
};

/** An app on a free port of this machine. */
export async function listen(app: FastifyInstance): Promise<ListeningApp> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { port, server: app.server, close: () => app.close() };
}

/** An app whose end does not wait for connections. */
export function createApp(create: FastifyFactory): FastifyInstance {
  return create({ forceCloseConnections: true });
}

/** The plugin in a real app, over real sockets; with `keepAlive`, one connection serves all requests. */
export function fastifyAdapter(
  create: FastifyFactory,
  { keepAlive = false } = {},
): AdapterUnderTest {
  return {
    async mount(service: OtpService, { session }: MountOptions = {}) {
      const app = createApp(create);
      app.register(otpPlugin, {
        prefix: MOUNT,
        service,
        ...(session && { session: () => session() }),
      });
      const { port, close } = await listen(app);
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
