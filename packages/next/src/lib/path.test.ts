import { describe, expect, test } from 'vitest';
import { assertMount, pathUnderMount, type RouteContext } from './path.js';

const MOUNT = '/v1/session/otp';

function find(path: string, context?: RouteContext, mount?: string): Promise<string> {
  return pathUnderMount(new Request(`https://api.test${path}`), context, mount);
}

describe('under a catch-all route the path', () => {
  test.each([
    [['retry'], '/retry'],
    [['jwks.json'], '/jwks.json'],
    [['check', 'more'], '/check/more'],
    [['check/more'], '/check/more'],
    [[''], '/'],
  ])('is what Next has caught: %j', async (route, expected) => {
    expect(await find('/any/where', { params: Promise.resolve({ route }) })).toBe(expected);
  });

  test('is found beside other dynamic segments, whatever the name, also in Next 14', async () => {
    expect(await find('/acme/otp/check', { params: { tenant: 'acme', rest: ['check'] } })).toBe(
      '/check',
    );
  });

  test.each([{}, { route: undefined }])(
    'with nothing caught is the mount point: %j',
    async (params) => {
      expect(await find(MOUNT, { params: Promise.resolve(params) })).toBe('/');
    },
  );
});

describe('elsewhere the path', () => {
  test.each([
    [MOUNT, '/'],
    [`${MOUNT}/`, '/'],
    [`${MOUNT}?next=/check`, '/'],
    [`${MOUNT}/retry`, '/retry'],
    [`${MOUNT}/retry/`, '/retry'],
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

  test('is under the mount that the host names', async () => {
    expect(await find('/api/otp/check', {}, '/api/otp')).toBe('/check');
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
  ])('of %s, without a mount, is %s by its end', async (url, expected) => {
    expect(await find(url, { params: Promise.resolve({}) })).toBe(expected);
  });

  test('of a mount that ends in the name of a route is told by the host', async () => {
    expect(await find('/api/check', {}, '/api/check')).toBe('/');
    expect(await find('/api/check/check', {}, '/api/check')).toBe('/check');
  });

  test.each(['/api/otp', '/v1/session/otp2/check', '/v1/session', '/x?=/v1/session/otp'])(
    'of %s, which is not under the mount that the host names, is asked for in words',
    async (url) => {
      await expect(find(url, {}, MOUNT)).rejects.toThrow(/tell otpRoutes where it is by mount/);
    },
  );

  test.each(['', '/', 'otp', '/otp/', '/a//b', '/otp?x', '/otp#x'])(
    'a mount %j is refused in words',
    (mount) => {
      expect(() => assertMount(mount)).toThrow(/mount must be a path without a slash at its end/);
    },
  );
});
