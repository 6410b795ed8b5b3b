import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import fastifyExpress from '@fastify/express';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { adapterOver, type Start } from '@otp/test/adapter-over';
import { MOUNT } from '@otp/test/connection-suite';
import { expectWholeFlow } from '@otp/test/whole-flow';
import { adapterCases, createTestService } from '@otp/testing';
import fastify from 'fastify';
import { describe, onTestFinished, test } from 'vitest';
import { routerOf } from './express-app.js';

class AppModule {}
Module({})(AppModule);

/** An app of NestJS, which parses bodies itself; `parsesFirst`: before it reaches the router. */
function startNest(parsesFirst: boolean): Start {
  return async (service, options) => {
    const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error'] });
    if (parsesFirst) app.useBodyParser('json');
    app.use(MOUNT, routerOf(service, options));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { port, close: () => app.close() };
  };
}

const startInFastify: Start = async (service, options) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(fastifyExpress);
  app.use(MOUNT, routerOf(service, options));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { port, close: () => app.close() };
};

describe.each([
  ['NestJS', startNest(false)],
  ['@fastify/express', startInFastify],
])('in %s', (_, start) => {
  test.each(adapterCases)('$name [L05]', ({ run }) => run(adapterOver(start)));
});

test('behind the body parser of NestJS the whole flow works [L05]', async () => {
  const t = createTestService();
  const mounted = await adapterOver(startNest(true)).mount(t.service);
  onTestFinished(() => mounted.close());
  await expectWholeFlow(t, mounted.exchange);
});
