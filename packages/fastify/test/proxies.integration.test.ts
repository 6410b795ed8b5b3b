import { MOUNT } from '@otp/test/connection-suite';
import { checkWithDpop, createDpopService } from '@otp/test/dpop-client';
import {
  createTestService,
  type ExchangeRequest,
  exchangeOver,
  type Header,
  post,
  type TestService,
} from '@otp/testing';
import { limitBothFlows } from '@otp/testing/internal';
import type { FastifyServerOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { otpPlugin } from '../src/index.js';
import { FASTIFY, type FastifyFactory, listen } from './fastify-app.js';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(create: FastifyFactory, t: TestService, options: FastifyServerOptions = {}) {
  const app = create({ forceCloseConnections: true, ...options });
  app.register(otpPlugin, { prefix: MOUNT, service: t.service });
  const listening = await listen(app);
  open.push(listening);
  return listening.port;
}

const FORWARDED: readonly Header[] = [
  ['x-forwarded-host', 'api.example.com'],
  ['x-forwarded-proto', 'https'],
];
const FORWARDED_URL = `https://api.example.com${MOUNT}/check`;

interface ProofOptions {
  readonly headers?: readonly Header[];
  /** Of the request; by default the mount point. */
  readonly path?: string;
  readonly htuOf: (port: number) => string;
}

describe.each(Object.entries(FASTIFY))('%s', (_, create) => {
  async function checkWithProof(
    server: FastifyServerOptions,
    { headers = [], path = MOUNT, htuOf }: ProofOptions,
  ): Promise<number> {
    const t = createDpopService();
    const port = await start(create, t, server);
    const exchange = (request: ExchangeRequest) =>
      exchangeOver(port, { ...request, path: `${path}${request.path}`.replace(/\/$/, '') });
    return checkWithDpop(t, exchange, { htu: htuOf(port), headers });
  }

  it('compares a DPoP proof with the URL that the client requested, prefix included [J11]', async () => {
    const own = (port: number) => `http://127.0.0.1:${port}${MOUNT}/check`;
    expect(await checkWithProof({}, { htuOf: own })).toBe(200);
    const withoutPrefix = (port: number) => `http://127.0.0.1:${port}/check`;
    expect(await checkWithProof({}, { htuOf: withoutPrefix })).toBe(400);
  });

  it('compares it with the forwarded URL behind a trusted proxy, and only there [J11]', async () => {
    const forwarded = { headers: FORWARDED, htuOf: () => FORWARDED_URL };
    expect(await checkWithProof({ trustProxy: 'loopback' }, forwarded)).toBe(200);
    expect(await checkWithProof({}, forwarded)).toBe(400);
  });

  it('compares it with the URL before the app rewrites it [J11]', async () => {
    const rewriteUrl = ({ url = '' }) => url.replace(/^\/public/, '');
    const path = `/public${MOUNT}`;
    const htuOf = (port: number) => `http://127.0.0.1:${port}${path}/check`;
    expect(await checkWithProof({ rewriteUrl }, { path, htuOf })).toBe(200);
  });

  it('takes it from the field that `clientAddress` names [R12]', async () => {
    const limits = limitBothFlows({ clientAddress: [{ max: 1, windowSeconds: 600 }] });
    const { service } = createTestService({ limits });
    const app = create({ forceCloseConnections: true });
    const clientAddress = { header: 'x-real-ip' } as const;
    app.register(otpPlugin, { prefix: MOUNT, service, clientAddress });
    const { port, close } = await listen(app);
    open.push({ close });
    const createFrom = async (last: number, address: string) => {
      const identifier = { type: 'email_address', value: `user${last}@example.com` };
      const headers: Header[] = [['x-real-ip', address]];
      return (await exchangeOver(port, post(MOUNT, { identifier }, { headers }))).status;
    };
    expect(await createFrom(1, '203.0.113.1')).toBe(204);
    expect(await createFrom(2, '203.0.113.1')).toBe(403);
    expect(await createFrom(3, '203.0.113.3')).toBe(204);
  });

  it.each([
    [{ trustProxy: 'loopback' }, '204'],
    [{}, '403'],
  ])(
    'takes the address of a client from a trusted proxy alone: %j [R12]',
    async (server, third) => {
      const limits = limitBothFlows({ clientAddress: [{ max: 2, windowSeconds: 600 }] });
      const port = await start(create, createTestService({ limits }), server);
      const statuses = [];
      for (const last of [1, 2, 3]) {
        const headers: Header[] = [['x-forwarded-for', `203.0.113.${last}`]];
        const identifier = { type: 'email_address', value: `user${last}@example.com` };
        const created = await exchangeOver(port, post(MOUNT, { identifier }, { headers }));
        statuses.push(String(created.status));
      }
      expect(statuses).toEqual(['204', '204', third]);
    },
  );
});
