import { compareWithHandle } from '@otp/test/compare-adapter';
import { MOUNT } from '@otp/test/connection-suite';
import { GATEWAY_NAMES, GATEWAYS, type GatewayName } from '@otp/test/lambda';
import {
  adapterCases,
  cookieOf,
  createTestService,
  type Header,
  headerValues,
  post,
} from '@otp/testing';
import type { Express } from 'express';
import { describe, expect, test } from 'vitest';
import { type OtpRouterOptions, otpRouter } from '../src/index.js';
import { EXPRESS, type ExpressName } from './express-app.js';
import { serverlessAdapter, WRAPPERS } from './serverless.js';

const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
/** The address that connects to a gateway. */
const CLIENT = '203.0.113.7';
/** The client of a proxy whose own address is `CLIENT`. */
const VIEWER = '198.51.100.1';

describe.each(Object.entries(WRAPPERS))('in %s', (_, wrapper) => {
  describe.each(GATEWAY_NAMES)('behind %s', (name) => {
    const adapter = serverlessAdapter(EXPRESS['Express 5'], wrapper, GATEWAYS[name], {
      encoding: 'base64',
    });
    const isDropping = wrapper.dropsRepeatedFields.includes(name);
    const cases = adapterCases.filter(({ repeatsFields }) => !(repeatsFields && isDropping));
    test.each(cases)('$name [L05]', ({ run }) => run(adapter));
  });

  test('generated requests get the answers of plain data, and have its effects [L05]', async () => {
    const adapter = serverlessAdapter(EXPRESS['Express 5'], wrapper, GATEWAYS['HTTP API'], {});
    await compareWithHandle(adapter, { clientAddress: CLIENT, requests: 500 });
  }, 60_000);

  interface Setup {
    readonly gateway: GatewayName;
    readonly express?: ExpressName;
    readonly router?: OtpRouterOptions;
    readonly prepare?: (app: Express) => void;
  }

  function setUp({ gateway, express = 'Express 5', router = {}, prepare = () => {} }: Setup) {
    const addresses: unknown[] = [];
    const t = createTestService({
      guard: ({ clientAddress }) => {
        addresses.push(clientAddress);
        return 'allow';
      },
      dangerouslyDisableLimits: true,
    });
    const app = EXPRESS[express]();
    prepare(app);
    app.use([MOUNT, `/prod${MOUNT}`], otpRouter(t.service, router));
    const invoke = wrapper.wrap(app);
    const { toEvent, toResponse } = GATEWAYS[gateway];
    const send = async (request: Parameters<typeof toEvent>[0]) =>
      toResponse(await invoke(toEvent(request)));
    return { ...t, addresses, send };
  }

  describe.each(Object.keys(EXPRESS) as ExpressName[])('%s', (express) => {
    test.each(GATEWAY_NAMES)(
      'behind %s and express.json() the whole flow works [L05]',
      async (gateway) => {
        const prepare = (app: Express) => app.use(EXPRESS[express].json());
        const t = setUp({ gateway, express, prepare });
        const created = await t.send(post('/', EMAIL));
        expect(created.status).toBe(204);
        expect(headerValues(created, 'set-cookie')).toHaveLength(1);
        const cookie = cookieOf(created);
        t.clock.advance(30);
        expect((await t.send(post('/retry', undefined, { cookie }))).status).toBe(204);
        expect((await t.send(post('/check', '{', { cookie }))).status).toBe(400);
        expect((await t.send(post('/check', { code: t.code() }, { cookie }))).status).toBe(200);
      },
    );
  });

  describe('the client address', () => {
    const forwarded = (value: string): { headers: Header[] } => ({
      headers: [['x-forwarded-for', value]],
    });

    test.each(GATEWAY_NAMES)(
      '%s: is not one that the client writes [L05, R12]',
      async (gateway) => {
        const t = setUp({ gateway });
        await t.send(post('/', EMAIL, forwarded(VIEWER)));
        // The event of a load balancer names no address.
        expect(t.addresses).toEqual([gateway.startsWith('ALB') ? undefined : CLIENT]);
      },
    );

    test.each(GATEWAY_NAMES)('%s: is found by trust proxy [L05, R12]', async (gateway) => {
      const one = setUp({ gateway, prepare: (app) => app.set('trust proxy', 1) });
      await one.send(post('/', EMAIL, forwarded(VIEWER)));
      expect(one.addresses).toEqual([CLIENT]);
      const two = setUp({ gateway, prepare: (app) => app.set('trust proxy', 2) });
      await two.send(post('/', EMAIL, forwarded(`192.0.2.66, ${VIEWER}`)));
      expect(two.addresses).toEqual([VIEWER]);
    });

    test.each(GATEWAY_NAMES)('%s: is found by clientAddress [L05, L08]', async (gateway) => {
      const clientAddress = { header: 'CloudFront-Viewer-Address' };
      const t = setUp({ gateway, router: { clientAddress } });
      const headers: Header[] = [['cloudfront-viewer-address', '2001:db8::1:4711']];
      await t.send(post('/', EMAIL, { headers }));
      expect(t.addresses).toEqual(['2001:db8::1']);
    });
  });
});
