import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import httpEventNormalizer from '@middy/http-event-normalizer';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import { type Connection, GATEWAY_NAMES, GATEWAYS, type Gateway } from '@otp/test/lambda';
import {
  type AdapterUnderTest,
  cookieOf,
  createTestService,
  type ExchangeRequest,
  headerValues,
  post,
} from '@otp/testing';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { type LambdaEvent, type OtpHandlerOptions, otpHandler } from '../src/index.js';
import { casesBehind } from './cases.js';

const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
const context = {} as Context;

/** The handler behind middlewares that rewrite events, and let the service refuse what is malformed. */
function middyAdapter(gateway: Gateway, connection: Connection): AdapterUnderTest {
  return {
    async mount(service, { session } = {}) {
      const options = session === undefined ? {} : { session: () => session() };
      const handler = middy<LambdaEvent>()
        .use(httpEventNormalizer())
        .use(httpHeaderNormalizer())
        .handler(otpHandler(service, options));
      return {
        url: gateway.url,
        exchange: async (request) =>
          gateway.toResponse(await handler(gateway.toEvent(request, connection) as never, context)),
        async close() {},
      };
    },
  };
}

describe.each(['REST API', 'HTTP API'] as const)('%s, behind middy', (name) => {
  const gateway = GATEWAYS[name];
  test.each(casesBehind(gateway))('$name [L05]', ({ run }) =>
    run(middyAdapter(gateway, { encoding: 'text' })),
  );
});

describe.each(GATEWAY_NAMES)('%s, behind the body parser of middy', (name) => {
  function setUp(options: OtpHandlerOptions = {}) {
    const t = createTestService();
    const handler = middy<LambdaEvent>()
      .use(httpHeaderNormalizer())
      .use(httpJsonBodyParser({ disableContentTypeError: true }))
      .use(httpCors({ origins: ['https://shop.example'] }))
      .handler(otpHandler(t.service, options));
    const send = async (request: ExchangeRequest, connection: Connection) =>
      GATEWAYS[name].toResponse(
        await handler(GATEWAYS[name].toEvent(request, connection) as never, context),
      );
    return { ...t, send };
  }

  test.each(['text', 'base64'] as const)(
    'the whole flow works with bodies as %s [L05]',
    async (encoding) => {
      const t = setUp();
      const created = await t.send(post('/', EMAIL), { encoding });
      expect([created.status, created.body]).toEqual([204, '']);
      expect(headerValues(created, 'set-cookie')).toHaveLength(1);
      const cookie = cookieOf(created);
      t.clock.advance(30);
      expect((await t.send(post('/retry', {}, { cookie }), { encoding })).status).toBe(204);
      const checked = await t.send(post('/check', { code: t.code() }, { cookie }), { encoding });
      expect(checked.status).toBe(200);
      expect(Object.keys(JSON.parse(checked.body))).toEqual(['challenge_token']);
    },
  );

  test.each([[[]], [1], [true], [null], ['x'], [{}], [{ identifier: [] }]])(
    'a body that was parsed as %j is a bad request [L05, B04]',
    async (body) => {
      const t = setUp();
      const { status, body: text } = await t.send(post('/', JSON.stringify(body)), {});
      expect([status, JSON.parse(text).code]).toEqual([400, 'bad_request']);
      expect(t.store.calls).toEqual([]);
    },
  );
});

test('a handler keeps its types in middy', async () => {
  const { service } = createTestService();
  const options: OtpHandlerOptions<APIGatewayProxyEventV2> = {
    session: ({ requestContext }) => requestContext.requestId,
  };
  const handler = middy<APIGatewayProxyEventV2>().handler(otpHandler(service, options));
  const event = GATEWAYS['HTTP API'].toEvent({ method: 'GET', path: '/jwks.json', headers: [] });
  const { statusCode } = await handler(event as APIGatewayProxyEventV2, context);
  expect(statusCode).toBe(200);
});
