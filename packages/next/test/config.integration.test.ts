import { checkWithDpop, createDpopService } from '@otp/test/dpop-client';
import {
  type AdapterUnderTest,
  exchangeOver,
  type Header,
  post,
  type TestServiceOptions,
} from '@otp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NextApp, nextAdapter, nextCases, startNextApp, withSlash } from './next-app.js';

const MOUNT = '/v1/session/otp';
const ANYWHERE = {};
const FORWARDED: readonly Header[] = [
  ['x-forwarded-host', 'shop.example'],
  ['x-forwarded-proto', 'https'],
];

/** Mounts a service and checks a correct code with npm dpop, for each URL. */
async function checkWithUrls(
  adapter: AdapterUnderTest,
  urls: readonly string[],
  headers: readonly Header[] = [],
  options: TestServiceOptions = {},
): Promise<number[]> {
  const t = createDpopService(options);
  const mounted = await adapter.mount(t.service);
  const statuses: number[] = [];
  for (const htu of urls) statuses.push(await checkWithDpop(t, mounted.exchange, { htu, headers }));
  await mounted.close();
  return statuses;
}

describe('under `basePath`, with a proxy.js in front [L05]', () => {
  let app: NextApp;
  beforeAll(async () => {
    app = await startNextApp('shop');
  });
  afterAll(() => app?.close());

  describe.each([
    ['a catch-all route', `/shop${MOUNT}`, ANYWHERE],
    ['one file a route', '/shop/otp', { basePath: '/shop/otp' }],
  ])('%s', (_, mount, routes) => {
    const adapter = nextAdapter(() => app, mount, routes);
    // With one file a route, Next answers other paths, and jwks.json has no file here.
    const cases = nextCases.filter(
      ({ name }) => routes === ANYWHERE || /^(?:create|retry) /.test(name),
    );
    test.each(cases)('$name [L01]', ({ run }) => run(adapter));

    test('npm dpop passes with the URL of the client, and with no other [J11]', async () => {
      const own = `http://127.0.0.1:${app.port}`;
      const path = `${mount}/check`;
      const urls = [own + path, own + path.replace('/shop', ''), `https://shop.example${path}`];
      expect(await checkWithUrls(adapter, urls)).toEqual([200, 400, 400]);
    });

    test('npm dpop passes behind another proxy with `publicUrl` [J11]', async () => {
      const publicUrl = `https://shop.example${mount}`;
      const urls = [`${publicUrl}/check`, `http://127.0.0.1:${app.port}${mount}/check`];
      expect(await checkWithUrls(adapter, urls, FORWARDED, { publicUrl })).toEqual([200, 400]);
    });
  });
});

describe('with `trailingSlash` [L05]', () => {
  let app: NextApp;
  beforeAll(async () => {
    app = await startNextApp('slash');
  });
  afterAll(() => app?.close());

  const adapter = nextAdapter(() => app, MOUNT, {}, withSlash);
  // Those proofs are for a URL without the slash.
  const cases = nextCases.filter(({ name }) => !/^check of a bound challenge re/.test(name));
  test.each(cases)('$name [L01]', ({ run }) => run(adapter));

  test('npm dpop passes with the slash that the client writes [J11]', async () => {
    const url = `http://127.0.0.1:${app.port}${MOUNT}/check`;
    expect(await checkWithUrls(adapter, [`${url}/`, url])).toEqual([200, 400]);
  });

  test('a request without the slash is redirected by a status that keeps its body', async () => {
    const { status, headers } = await exchangeOver(app.port, post(`${MOUNT}/check`, '{}'));
    expect(status).toBe(308);
    expect(headers).toContainEqual(['location', `${MOUNT}/check/`]);
  });
});
