import { PassThrough, Transform } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { RawClient, rawRequest } from '@otp/test/raw-client';
import { expectWholeFlow } from '@otp/test/whole-flow';
import {
  createTestService,
  type ExchangeRequest,
  type ExchangeResponse,
  exchangeOver,
  type Header,
  headerValues,
  post,
  type TestServiceOptions,
} from '@otp/testing';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { otpPlugin } from '../src/index.js';
import { FASTIFY, listen } from './fastify-app.js';

const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
const JSON_TYPE = 'Content-Type: application/json';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface StartOptions {
  readonly create?: typeof fastify;
  readonly server?: FastifyServerOptions;
  readonly service?: TestServiceOptions;
  /** What the host does, with the plugin to register where it likes. @default registers it under `/otp` */
  readonly assemble?: (app: FastifyInstance, plugin: typeof otpPlugin, t: Own) => unknown;
  /** Of the plugin, as clients write it. @default '/otp' */
  readonly prefix?: string;
}

interface Own {
  readonly service: ReturnType<typeof createTestService>['service'];
}

async function start({
  create = fastify,
  server,
  service,
  assemble = (app, plugin, t) => app.register(plugin, { prefix: '/otp', service: t.service }),
  prefix = '/otp',
}: StartOptions = {}) {
  const t = createTestService(service);
  const app = create({ forceCloseConnections: true, ...server });
  await assemble(app, otpPlugin, t);
  const listening = await listen(app);
  open.push(listening);
  return {
    ...t,
    app,
    port: listening.port,
    /** To the plugin. */
    send: (request: ExchangeRequest) =>
      exchangeOver(listening.port, {
        ...request,
        path: `${prefix}${request.path.replace(/^\/(?=$|\?)/, '')}` || '/',
      }),
    /** To the host. */
    request: (request: ExchangeRequest) => exchangeOver(listening.port, request),
  };
}

const answerOf = ({ status, body }: ExchangeResponse) => [status, JSON.parse(body).code];
const bare = (method: string, path: string): ExchangeRequest => ({ method, path, headers: [] });

describe.each(Object.entries(FASTIFY))('%s', (_, create) => {
  test('the parsers, the error handler and the not-found handler of the host stay as they are [L01]', async () => {
    const t = await start({
      create,
      assemble(app, plugin, { service }) {
        app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) =>
          done(null, { csv: body }),
        );
        app.setErrorHandler((error, _request, reply) =>
          reply.code(418).send({ code: `host: ${Object(error).code}` }),
        );
        app.setNotFoundHandler((_request, reply) => reply.code(410).send({ code: 'host' }));
        app.register(plugin, { prefix: '/otp', service });
        app.post('/own', async (request) => ({ code: request.body }));
      },
    });
    const csv = { contentType: 'text/csv' };
    expect(answerOf(await t.request(post('/own', 'a,b', csv)))).toEqual([200, { csv: 'a,b' }]);
    expect(answerOf(await t.request(post('/own', { a: 1 })))).toEqual([200, { a: 1 }]);
    expect(answerOf(await t.request(post('/own', '{')))).toEqual([
      418,
      expect.stringMatching(/^host: /),
    ]);
    const png = await t.request(post('/own', '{}', { contentType: 'image/png' }));
    expect(answerOf(png)).toEqual([418, 'host: FST_ERR_CTP_INVALID_MEDIA_TYPE']);
    expect(answerOf(await t.request(post('/other', {})))).toEqual([410, 'host']);
    expect(answerOf(await t.request(bare('PROPFIND', '/own')))).toEqual([410, 'host']);

    for (const body of ['', '{', '[]', 'a,b']) {
      expect(answerOf(await t.send(post('/', body)))).toEqual([400, 'bad_request']);
      expect(answerOf(await t.send(post('/', body, csv)))).toEqual([400, 'bad_request']);
    }
    expect(answerOf(await t.send(post('/nope', {})))).toEqual([404, 'not_found']);
    await expectWholeFlow(t, t.send);
  });

  test('every method that Node knows gets 405 or 404 of the contract [B01]', async () => {
    const t = await start({ create });
    for (const method of ['TRACE', 'PROPFIND', 'MKCOL', 'QUERY', 'M-SEARCH', 'LOCK']) {
      for (const path of ['/', '/retry', '/check']) {
        for (const headers of [[], [['content-type', 'application/json'] as const]]) {
          const refused = await t.send({ ...bare(method, path), headers });
          expect([method, ...answerOf(refused)]).toEqual([method, 405, 'bad_request']);
          expect(headerValues(refused, 'allow')).toEqual(['POST']);
        }
      }
      expect(answerOf(await t.send(bare(method, '/nope')))).toEqual([404, 'not_found']);
    }
    expect(t.store.calls).toEqual([]);
  });

  test.each<[string, FastifyServerOptions]>([
    ['ignoreTrailingSlash', { ignoreTrailingSlash: true }],
    ['ignoreDuplicateSlashes', { ignoreDuplicateSlashes: true }],
    ['caseSensitive', { caseSensitive: false }],
    ['bodyLimit', { bodyLimit: 8 }],
    ['exposeHeadRoutes', { exposeHeadRoutes: false }],
    ['maxParamLength', { maxParamLength: 1 }],
    ['onProtoPoisoning', { onProtoPoisoning: 'remove', onConstructorPoisoning: 'remove' }],
    ['return503OnClosing', { return503OnClosing: false }],
  ])('under the option %s of the host the whole flow works', async (_name, server) => {
    const t = await start({ create, server });
    expect((await t.send(bare('HEAD', '/jwks.json'))).status).toBe(200);
    expect((await t.send(bare('HEAD', '/'))).status).toBe(405);
    expect(answerOf(await t.send(post('/', '{"__proto__":{}}')))).toEqual([400, 'bad_request']);
    await expectWholeFlow(t, t.send);
  });

  test('with parameters in the prefix, in nested plugins and at the root the whole flow works [L01]', async () => {
    const tenant = await start({
      create,
      prefix: '/tenants/a%2Fb/otp',
      assemble: (app, plugin, { service }) =>
        app.register(plugin, { prefix: '/tenants/:tenant/otp', service }),
    });
    await expectWholeFlow(tenant, tenant.send);
    const nested = await start({
      create,
      prefix: '/api/v2/otp',
      assemble: (app, plugin, { service }) =>
        app.register(
          async (inner) => {
            inner.register(plugin, { prefix: '/otp', service });
          },
          { prefix: '/api/v2' },
        ),
    });
    await expectWholeFlow(nested, nested.send);
    const root = await start({
      create,
      prefix: '',
      assemble(app, plugin, { service }) {
        app.setNotFoundHandler((_request, reply) => reply.code(410).send({ code: 'host' }));
        app.get('/own', async () => ({ code: 'own' }));
        app.register(plugin, { service });
      },
    });
    expect(answerOf(await root.send(bare('GET', '/own')))).toEqual([200, 'own']);
    expect(answerOf(await root.send(bare('GET', '/nope')))).toEqual([404, 'not_found']);
    expect(answerOf(await root.send(bare('LOCK', '/nope')))).toEqual([410, 'host']);
    await expectWholeFlow(root, root.send);
  });

  test('what a hook of the host throws goes to its error handler', async () => {
    const t = await start({
      create,
      assemble(app, plugin, { service }) {
        app.setErrorHandler((error, _request, reply) =>
          reply.code(418).send({ code: Object(error).message }),
        );
        app.addHook('preHandler', async ({ headers }) => {
          if (headers['x-refuse'] !== undefined) throw new Error('refused by the host');
        });
        app.register(plugin, { prefix: '/otp', service });
      },
    });
    const refused = await t.send(post('/', EMAIL, { headers: [['x-refuse', '1']] }));
    expect(answerOf(refused)).toEqual([418, 'refused by the host']);
    expect(t.store.calls).toEqual([]);
    await expectWholeFlow(t, t.send);
  });

  test('a body that a hook of the host passes on is read, and one that fails is refused', async () => {
    const t = await start({
      create,
      assemble(app, plugin, { service }) {
        app.addHook('preParsing', async ({ headers }, _reply, payload) => {
          const how = headers['x-payload'];
          if (how === undefined) return payload;
          if (how === 'fails') {
            return payload.pipe(
              new Transform({ transform: (_, __, done) => setTimeout(done, 20, new Error()) }),
            );
          }
          const copy = payload.pipe(new PassThrough());
          if (how === 'read') for await (const _chunk of copy);
          return copy;
        });
        app.register(plugin, { prefix: '/otp', service });
      },
    });
    const send = (how: string, ...more: Header[]) =>
      t.send(post('/', EMAIL, { headers: [['x-payload', how], ...more] }));
    expect(answerOf(await send('fails'))).toEqual([400, 'bad_request']);
    // Core leaves it unread.
    expect(answerOf(await send('fails', ['content-encoding', 'br']))).toEqual([400, 'bad_request']);
    expect(answerOf(await send('read'))).toEqual([400, 'bad_request']);
    expect(t.store.calls).toEqual([]);
    expect((await send('copied')).status).toBe(204);
  });

  test('with inject() the whole flow works', async () => {
    const t = createTestService();
    const app = create();
    open.push(app);
    await app.register(otpPlugin, { prefix: '/otp', service: t.service });
    await expectWholeFlow(t, async ({ method, path, headers, body }) => {
      const response = await app.inject({
        method: method as 'POST',
        url: `/otp${path}`,
        headers: Object.fromEntries(headers),
        ...(body !== undefined && { payload: Buffer.from(body) }),
      });
      return {
        status: response.statusCode,
        headers: Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        body: response.body,
      };
    });
  });

  test.each([
    [{}, 'service must be created by createOtpService()'],
    [{ service: createTestService().service, session: 'id' }, 'session must be a function'],
    [
      { service: createTestService().service, basePath: '/otp', prefix: '/otp', logLevel: 'warn' },
      'otpPlugin() has no option basePath; it takes clientAddress, service, session',
    ],
  ])('register rejects for wrong options: %#', async (options, message) => {
    const app = create();
    open.push(app);
    const register = async () => app.register(otpPlugin, options as never);
    const error = await register().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
  });
});

describe('beside plugins of Fastify', () => {
  const assemble: StartOptions['assemble'] = async (app, plugin, { service }) => {
    await app.register(cors, { origin: 'https://app.example.com', credentials: true });
    await app.register(helmet);
    await app.register(cookie);
    await app.register(compress, { threshold: 0 });
    app.addHook('onRequest', async (_request, reply) => {
      reply.setCookie('host', '1');
    });
    await app.register(plugin, { prefix: '/otp', service });
  };

  test('the whole flow works, and their header fields are there [L01]', async () => {
    const t = await start({ assemble, service: { origins: ['https://app.example.com'] } });
    const headers = [['origin', 'https://app.example.com']] as const;
    const created = await t.send(post('/', EMAIL, { headers }));
    expect(created.status).toBe(204);
    expect(headerValues(created, 'set-cookie')).toEqual([
      expect.stringMatching(/^__verification-login_app=/),
      expect.stringMatching(/^host=1/),
    ]);
    expect(headerValues(created, 'vary').join()).toMatch(/^Origin\b/);
    expect(headerValues(created, 'access-control-allow-origin')).toEqual([headers[0][1]]);
    expect(headerValues(created, 'x-frame-options')).toEqual(['SAMEORIGIN']);
    expect(headerValues(created, 'cache-control')).toEqual(['no-store']);
  });

  test('a compressed response is what it was', async () => {
    const t = await start({ assemble });
    const plain = await t.app.inject({ url: '/otp/jwks.json' });
    const zipped = await t.app.inject({
      url: '/otp/jwks.json',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
  });

  test('a compressed request is refused, though the host decompresses it [B03]', async () => {
    const t = await start({ assemble });
    const headers = [['content-encoding', 'gzip']] as const;
    for (const body of [gzipSync(JSON.stringify(EMAIL)), 'no gzip']) {
      const refused = await t.send(post('/', body, { headers }));
      expect(answerOf(refused)).toEqual([400, 'bad_request']);
      const garbled = await t.send(post('/', body, { headers, contentType: '?' }));
      expect(answerOf(garbled)).toEqual([400, 'bad_request']);
    }
    expect(t.store.calls).toEqual([]);
  });

  test('10 MiB in chunks are refused [B03]', async () => {
    const t = await start({ assemble });
    const client = await RawClient.open(t.port);
    open.push(client);
    const fields = [JSON_TYPE, 'Transfer-Encoding: chunked'];
    await client.send(rawRequest('POST /otp', fields, '', { length: null }));
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 10 * 2 ** 20; sent += 4 * 0x4000) void client.send(chunk.repeat(4));
    const { status, body } = await client.next();
    expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
  });
});

test('a generator of API documents leaves the routes out', async () => {
  const hidden: unknown[] = [];
  const t = await start({
    assemble(app, plugin, { service }) {
      app.addHook('onRoute', ({ schema }) => {
        hidden.push(Object(schema).hide);
      });
      app.register(plugin, { prefix: '/otp', service });
    },
  });
  expect(new Set(hidden)).toEqual(new Set([true]));
  await expectWholeFlow(t, t.send);
});
