import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { adapterOver, type Start } from '@otp/test/adapter-over';
import { adapterCases } from '@otp/testing';
import { test } from 'vitest';
import { otpPlugin } from '../src/index.js';
import { pluginOptions } from './fastify-app.js';

class AppModule {}
Module({})(AppModule);

const start: Start = async (service, options) => {
  const host = new FastifyAdapter({ forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, host, {
    logger: ['error'],
  });
  await app.register(otpPlugin, pluginOptions(service, options));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, close: () => app.close() };
};

test.each(adapterCases)('in NestJS: $name [L05]', ({ run }) => run(adapterOver(start)));
