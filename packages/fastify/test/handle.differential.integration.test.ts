import { compareWithHandle } from '@otp/test/compare-adapter';
import fastify from 'fastify';
import { test } from 'vitest';
import { fastifyAdapter } from './fastify-app.js';

/** A busy machine takes several times as long as an idle one. */
const TIMEOUT_MS = 120_000;

test(
  '2,000 generated requests to Fastify get the answers of plain data, and have its effects [L01]',
  async () => {
    const adapter = fastifyAdapter(fastify, { keepAlive: true });
    await compareWithHandle(adapter, { clientAddress: '127.0.0.1' });
  },
  TIMEOUT_MS,
);
