import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { locate, type RouteContext } from './location.js';

const MOUNT = '/v1/session/otp';

async function find(path: string, context?: RouteContext, basePath?: string): Promise<string> {
  const mount = { basePath: basePath ?? MOUNT, isDefault: basePath === undefined };
  return (await locate(new Request(`https://api.test${path}`), context, mount)).path;
}

describe('the path below a catch-all route', () => {
  test.each([
    [['retry'], '/retry'],
    [['jwks.json'], '/jwks.json'],
    [['check', 'more'], '/check/more'],
    [['check/more'], '/check/more'],
    [[''], '/'],
  ])('is the segments %j', async (route, expected) => {
    expect(await find('/any/where', { params: Promise.resolve({ route }) })).toBe(expected);
  });

  test('is found beside other dynamic segments, under any name, also in Next 14', async () => {
    expect(await find('/acme/otp/check', { params: { tenant: 'acme', rest: ['check'] } })).toBe(
      '/check',
    );
  });

  test.each([{}, { route: undefined }])(
    'without segments is the mount point: %j',
    async (params) => {
      expect(await find(MOUNT, { params: Promise.resolve(params) })).toBe('/');
    },
  );
});

describe('the path below one file per route', () => {
  test.each([
    [MOUNT, '/'],
    [`${MOUNT}/`, '/'],
    [`${MOUNT}?next=/check`, '/'],
    [`${MOUNT}/retry`, '/retry'],
    [`${MOUNT}/retry/`, '/retry/'],
    [`${MOUNT}/jwks.json?v=2`, '/jwks.json'],
    [`/base/path${MOUNT}/check`, '/check'],
    [`${MOUNT}/check/more`, '/check/more'],
    [`${MOUNT}//check`, '//check'],
    [`${MOUNT}/check%2Fmore`, '/check%2Fmore'],
    [`${MOUNT}/x${MOUNT}`, `/x${MOUNT}`],
    [`${MOUNT}/../otp/check`, '/check'],
  ])('of %s is %s', async (url, expected) => {
    expect(await find(url)).toBe(expected);
  });

  test('is found below the base path of the host', async () => {
    expect(await find('/api/otp/check', {}, '/api/otp')).toBe('/check');
    expect(await find('/check', {}, '')).toBe('/check');
    expect(await find('/', {}, '')).toBe('/');
  });

  test.each([
    ['/api/otp', '/'],
    ['/api/otp/', '/'],
    ['/api/otp?x=/check', '/'],
    ['/base/api/otp/check', '/check'],
    ['/api/otp/retry/', '/retry'],
    ['/api/otp/jwks.json', '/jwks.json'],
    ['/v1/session/otp2/check', '/check'],
    ['/', '/'],
  ])('of %s, without the option basePath, is %s by its end', async (url, expected) => {
    expect(await find(url, { params: Promise.resolve({}) })).toBe(expected);
  });

  test('is found where the base path ends in the name of a route', async () => {
    expect(await find('/api/check', {}, '/api/check')).toBe('/');
    expect(await find('/api/check/check', {}, '/api/check')).toBe('/check');
  });

  test.each(['/api/otp', '/v1/session/otp2/check', '/v1/session', '/x?=/v1/session/otp'])(
    'of %s, which does not contain the option basePath, is outside the mount point',
    async (url) => {
      expect(await find(url, {}, MOUNT)).toBe('');
    },
  );
});

describe('the URL', () => {
  const urlOf = async (url: string, host?: string) => {
    const request = new Request(url, host === undefined ? {} : { headers: { host } });
    return (await locate(request, {}, { basePath: MOUNT, isDefault: true })).url;
  };

  test('has the host that the client wrote, and no query', async () => {
    expect(await urlOf('https://localhost:3000/otp/check/?a=b', 'shop.example')).toBe(
      'https://shop.example/otp/check/',
    );
    expect(await urlOf('https://localhost:3000/otp')).toBe('https://localhost:3000/otp');
  });

  test('has `basePath` of next.config once', async () => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/shop');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await urlOf('https://api.test/otp')).toBe('https://api.test/shop/otp');
    expect(await urlOf('https://api.test/shopping')).toBe('https://api.test/shop/shopping');
    expect(await urlOf('https://api.test/shop/otp')).toBe('https://api.test/shop/otp');
  });
});
