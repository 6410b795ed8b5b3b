import assert from 'node:assert/strict';
import {
  assertCreated,
  assertFailure,
  assertResponse,
  assertVerified,
  CLEARED,
  JSON_BODY,
  NO_STORE,
} from '../http/assert-response.js';
import { type ExchangeRequest, type Header, headerValues, post } from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import {
  type AdapterCase,
  EMAIL,
  repeatingFields,
  type Scenario,
  scenario,
} from '../kit/scenario.js';

const POST_ROUTES = ['/', '/retry', '/check'];
const GET_ROUTES = ['/status', '/jwks.json'];
const ORIGIN = 'https://app.example.com';
const ORIGINS = () => ({ origins: [ORIGIN, 'http://localhost:3000'] });
const VARY: Header = ['vary', 'Origin'];
const CORS: readonly Header[] = [
  VARY,
  ['access-control-allow-origin', ORIGIN],
  ['access-control-allow-credentials', 'true'],
  ['access-control-expose-headers', 'date, retry-after, x-verification-token'],
];
const ALLOWED_HEADERS =
  'content-type, accept, authorization, dpop, x-sdk-user-agent, x-device-id, x-verification-token, traceparent, tracestate, baggage, sentry-trace';

function from(origin: string | undefined): Header[] {
  return origin === undefined ? [] : [['origin', origin]];
}

/** A request without a body. */
function bare(method: string, path: string, headers: readonly Header[] = []): ExchangeRequest {
  return { method, path, headers };
}

/** Methods, unknown paths, the key set and CORS, on all routes. */
export const routeCases: readonly AdapterCase[] = [
  scenario('jwks.json returns the public keys and may be cached', async (t) => {
    const headers: Header[] = [
      ['cache-control', 'public, max-age=300'],
      ['content-type', 'application/jwk-set+json'],
    ];
    await t.untouched(async () => {
      const got = await t.exchange(bare('GET', '/jwks.json'));
      const [key, ...more] = JSON.parse(got.body).keys;
      assert.deepEqual(more, []);
      const members = ['kty', 'crv', 'x', 'kid', 'alg', 'use'];
      assert.deepEqual(Object.keys(key), members, 'a key has public members only');
      assertResponse(got, { status: 200, headers, body: JSON.stringify({ keys: [key] }) });
      const head = await t.exchange(bare('HEAD', '/jwks.json'));
      assertResponse(head, { status: 200, headers, body: '' });
    });
  }),

  scenario('no answer lets a browser guess its type [B12]', async (t) => {
    const requests = [
      post('/', EMAIL),
      post('/', '{'),
      post('/check', { code: '123456' }),
      bare('GET', '/jwks.json'),
      bare('HEAD', '/status'),
      bare('PUT', '/'),
      post('/nope', {}),
    ];
    for (const request of requests) {
      const response = await t.exchange(request);
      assert.deepEqual(headerValues(response, 'x-content-type-options'), ['nosniff']);
    }
  }),

  scenario('a query in the URL is ignored', async (t) => {
    assertCreated(await t.exchange(post('/?dispatch=1', EMAIL)));
    assert.equal((await t.exchange(bare('GET', '/jwks.json?v=2'))).status, 200);
  }),

  scenario('one slash at the end of a path is ignored', async (t) => {
    const cookie = await t.open(EMAIL);
    assert.equal((await t.exchange(bare('GET', '/status/', [['cookie', cookie]]))).status, 200);
    assertVerified(await t.exchange(post('/check/', { code: t.code() }, { cookie })));
    assertFailure(await t.exchange(post('/check//', {})), 'not_found', {
      message: MESSAGES.noRoute,
    });
  }),

  scenario('any other path is 404 for every method', async (t) => {
    await t.untouched(async () => {
      for (const path of ['/nope', '/check/more', '/jwks', '/constructor', '/Check']) {
        const expected = { message: MESSAGES.noRoute };
        assertFailure(await t.exchange(post(path, EMAIL)), 'not_found', expected);
        assertFailure(await t.exchange(bare('GET', path)), 'not_found', expected);
        const head = await t.exchange(bare('HEAD', path));
        assertFailure(head, 'not_found', { bodyless: true });
      }
    });
  }),

  scenario('any other method on a route is 405 with the allowed methods [B01]', async (t) => {
    const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    await t.untouched(async () => {
      for (const path of POST_ROUTES) {
        for (const method of methods) await assertRefused(t, bare(method, path), 'POST');
      }
      for (const path of GET_ROUTES) {
        for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST']) {
          await assertRefused(t, bare(method, path), 'GET, HEAD');
        }
      }
    });
  }),

  scenario('any other method is refused even with a valid body [B01]', async (t) => {
    await t.untouched(async () => {
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        await assertRefused(t, { ...post('/', EMAIL), method }, 'POST');
      }
    });
  }),

  scenario(
    'a preflight from a listed origin succeeds on every route',
    async (t) => {
      const preflight: Header[] = [
        ...from(ORIGIN),
        ['access-control-request-method', 'POST'],
        ['access-control-request-headers', 'content-type'],
      ];
      await t.untouched(async () => {
        for (const path of [...POST_ROUTES, ...GET_ROUTES]) {
          const methods = GET_ROUTES.includes(path) ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS';
          const headers: Header[] = [
            NO_STORE,
            ...CORS,
            ['allow', methods],
            ['access-control-allow-methods', methods],
            ['access-control-allow-headers', ALLOWED_HEADERS],
            ['access-control-max-age', '600'],
          ];
          const answered = await t.exchange(bare('OPTIONS', path, preflight));
          assertResponse(answered, { status: 204, headers, body: '' });
        }
      });
    },
    ORIGINS,
  ),

  scenario(
    'a preflight from a foreign origin is refused; one without an origin gets no CORS origin [B10]',
    async (t) => {
      await t.untouched(async () => {
        const foreign = await t.exchange(bare('OPTIONS', '/', from('https://evil.example')));
        assertFailure(foreign, 'auth_blocked', { message: MESSAGES.policy, headers: [VARY] });
        const none = await t.exchange(bare('OPTIONS', '/'));
        assert.equal(none.status, 204);
        assert.deepEqual(headerValues(none, 'access-control-allow-origin'), []);
      });
    },
    ORIGINS,
  ),

  scenario(
    'a listed origin may read successes and failures; a native client without an origin is served [B10]',
    async (t) => {
      const created = await t.exchange(post('/', EMAIL, { headers: from(ORIGIN) }));
      const cookie =
        /^__verification-login_app=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=600$/;
      const headers = [NO_STORE, ...CORS, ['set-cookie', cookie] as const];
      assertResponse(created, { status: 204, headers, body: '' });
      const unauthorized = await t.exchange(
        post('/check', { code: '123456' }, { headers: from(ORIGIN) }),
      );
      const expected = { message: MESSAGES.noVerification, headers: CORS };
      assertFailure(unauthorized, 'unauthorized', expected);
      t.clock.advance(30);
      const native = await t.exchange(post('/', EMAIL));
      assertResponse(native, {
        status: 204,
        headers: [NO_STORE, VARY, ['set-cookie', cookie]],
        body: '',
      });
      t.assertEffects({ stored: 2, sent: 2 });
    },
    ORIGINS,
  ),

  scenario(
    'a foreign origin is refused on every route before the body is read [B10]',
    async (t) => {
      const origins = ['https://evil.example', 'null', `${ORIGIN}.evil.example`, `${ORIGIN}:444`];
      const expected = { message: MESSAGES.policy, headers: [VARY] };
      await t.untouched(async () => {
        for (const origin of origins) {
          for (const path of POST_ROUTES) {
            const refused = await t.exchange(post(path, 'no JSON', { headers: from(origin) }));
            assertFailure(refused, 'auth_blocked', expected);
          }
          const keys = await t.exchange(bare('GET', '/jwks.json', from(origin)));
          assertFailure(keys, 'auth_blocked', expected);
        }
      });
    },
    ORIGINS,
  ),

  repeatingFields(
    scenario(
      'two Origin fields are refused, even if both are listed',
      async (t) => {
        const expected = { message: MESSAGES.policy, headers: [VARY] };
        await t.untouched(async () => {
          for (const second of [ORIGIN, 'https://evil.example']) {
            const headers = [...from(ORIGIN), ...from(second)];
            const refused = await t.exchange(post('/', EMAIL, { headers }));
            assertFailure(refused, 'auth_blocked', expected);
          }
        });
      },
      ORIGINS,
    ),
  ),

  scenario(
    'the method is checked before the origin; OPTIONS is allowed if origins are configured',
    async (t) => {
      const refused = await t.exchange(bare('GET', '/check', from('https://evil.example')));
      const headers: Header[] = [['allow', 'POST, OPTIONS'], VARY];
      const message = 'method: must be POST, OPTIONS';
      assertFailure(refused, 'bad_request', { status: 405, message, headers });
    },
    ORIGINS,
  ),

  scenario(
    'an origin of a custom scheme, and one that a pattern matches, may read responses [L07]',
    async (t) => {
      for (const origin of ['capacitor://localhost', 'https://pr-1.example.com']) {
        const created = await t.exchange(post('/', '{}', { headers: from(origin) }));
        assert.equal(created.status, 400);
        assert.deepEqual(headerValues(created, 'access-control-allow-origin'), [origin]);
      }
      const foreign = post('/', EMAIL, { headers: from('https://pr-.example.com') });
      const expected = { message: MESSAGES.policy, headers: [VARY] };
      assertFailure(await t.exchange(foreign), 'auth_blocked', expected);
    },
    () => ({ origins: ['capacitor://localhost', 'https://pr-*.example.com'] }),
  ),

  scenario('without configured origins there are no CORS headers', async (t) => {
    assertCreated(await t.exchange(post('/', EMAIL, { headers: from('https://any.example') })));
  }),

  scenario(
    'the cookie has the stricter name and attribute of the options',
    async (t) => {
      const created = await t.exchange(post('/', EMAIL));
      const [cookie = ''] = headerValues(created, 'set-cookie');
      const golden =
        /^__Host-verification-login_app=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=600$/;
      assert.match(cookie, golden);
      const [pair = ''] = cookie.split(';');
      const lax = pair.replace('__Host-', '__');
      const other = await t.exchange(post('/check', { code: t.code() }, { cookie: lax }));
      assertFailure(other, 'unauthorized', { message: MESSAGES.noVerification });
      const right = await t.exchange(post('/check', { code: t.code() }, { cookie: pair }));
      const cleared = CLEARED[1].replace('__', '__Host-').replace('Lax', 'Strict');
      assertResponse(right, {
        status: 200,
        headers: [NO_STORE, JSON_BODY, ['set-cookie', cleared]],
        body: right.body,
      });
    },
    () => ({ cookie: { hostPrefix: true, sameSite: 'Strict' } }),
  ),
];

async function assertRefused(t: Scenario, request: ExchangeRequest, allow: string): Promise<void> {
  assertFailure(await t.exchange(request), 'bad_request', {
    status: 405,
    message: `method: must be ${allow}`,
    headers: [['allow', allow]],
    bodyless: request.method === 'HEAD',
  });
}
