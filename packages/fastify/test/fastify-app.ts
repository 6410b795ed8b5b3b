import type { AddressInfo } from 'node:net';
import type { OtpService } from '@otp/core';
import { adapterOver, type Start } from '@otp/test/adapter-over';
import { type ListeningApp, MOUNT } from '@otp/test/connection-suite';
import type { AdapterUnderTest, MountOptions } from '@otp/testing';
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

/** The options of the plugin, with `session` as a Fastify host passes it. */
export function pluginOptions(service: OtpService, { session }: MountOptions) {
  return { prefix: MOUNT, service, ...(session && { session: () => session() }) };
}

/** The plugin in a real app, over real sockets; with `keepAlive`, one connection serves all requests. */
export function fastifyAdapter(
  create: FastifyFactory,
  { keepAlive = false } = {},
): AdapterUnderTest {
  const start: Start = (service, options) => {
    const app = createApp(create);
    app.register(otpPlugin, pluginOptions(service, options));
    return listen(app);
  };
  return adapterOver(start, { keepAlive });
}
