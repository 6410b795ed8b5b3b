import { generateKeys, type OtpService } from '@otp/core';
import { GATEWAY_NAMES, GATEWAYS, type GatewayName } from '@otp/test/lambda';
import {
  cookieOf,
  createTestService,
  type ExchangeRequest,
  headerValues,
  post,
  type TestServiceOptions,
} from '@otp/testing';
import { decodePayload } from '@otp/testing/internal';
import type {
  ALBHandler,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  LambdaFunctionURLHandler,
} from 'aws-lambda';
import { describe, expect, it, test } from 'vitest';
import {
  type LambdaEvent,
  type OtpHandlerOptions,
  otpHandler,
  type WarmerEvent,
} from '../src/index.js';

const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
const KEYS: ExchangeRequest = { method: 'GET', path: '/jwks.json', headers: [] };
const CLIENT = '203.0.113.7';
/** The client of a proxy whose own address is `CLIENT`. */
const VIEWER = '198.51.100.1';

function setUp(options: OtpHandlerOptions = {}, serviceOptions: TestServiceOptions = {}) {
  const addresses: unknown[] = [];
  const t = createTestService({
    guard: ({ clientAddress }) => {
      addresses.push(clientAddress);
      return 'allow';
    },
    ...serviceOptions,
  });
  const handler = otpHandler(t.service, options);
  const exchange = async (name: GatewayName, request: ExchangeRequest) =>
    GATEWAYS[name].toResponse(await handler(GATEWAYS[name].toEvent(request)));
  return { ...t, addresses, handler, exchange };
}

describe('the cookie is set once, in the member that the kind of event requires [L03]', () => {
  const places = {
    'REST API': { multiValueHeaders: { 'set-cookie': [expect.any(String)] } },
    'HTTP API': { cookies: [expect.any(String)] },
    'function URL': { cookies: [expect.any(String)] },
    ALB: { headers: { 'set-cookie': expect.any(String) } },
    'ALB with multi-value headers': { multiValueHeaders: { 'set-cookie': [expect.any(String)] } },
  };
  test.each(GATEWAY_NAMES)('%s', async (name) => {
    const t = setUp();
    const result = await t.handler(GATEWAYS[name].toEvent(post('/', EMAIL)));
    expect(result).toMatchObject({ statusCode: 204, body: '', ...places[name] });
    expect(JSON.stringify(result).match(/__verification-login_app=/g)).toHaveLength(1);
  });

  test.each(GATEWAY_NAMES)('%s: no member when there is no cookie', async (name) => {
    const result = await setUp().handler(GATEWAYS[name].toEvent(KEYS));
    expect(result.statusCode).toBe(200);
    expect(JSON.stringify(result)).not.toMatch(/cookie/i);
  });
});

describe('the cookie is read [L03]', () => {
  test.each(GATEWAY_NAMES)('%s: beside others', async (name) => {
    const t = setUp();
    const cookie = `a=1; ${cookieOf(await t.exchange(name, post('/', EMAIL)))}; b=2`;
    const checked = await t.exchange(name, post('/check', { code: t.code() }, { cookie }));
    expect(checked.status).toBe(200);
  });

  it('from the headers, when an event of version 2.0 has no member cookies', async () => {
    const t = setUp();
    const gateway = GATEWAYS['function URL'];
    const cookie = cookieOf(await t.exchange('function URL', post('/', EMAIL)));
    const event = gateway.toEvent(post('/check', { code: t.code() }, { cookie }));
    const checked = await t.handler({ ...event, cookies: undefined } as LambdaEvent);
    expect(checked.statusCode).toBe(200);
  });

  it('from the last of two fields behind a load balancer', async () => {
    const t = setUp();
    const cookie = cookieOf(await t.exchange('ALB', post('/', EMAIL)));
    const headers = [['cookie', 'a=1'] as const, ['cookie', cookie] as const];
    const checked = await t.exchange('ALB', post('/check', { code: t.code() }, { headers }));
    expect(checked.status).toBe(200);
  });
});

describe('a body [L03]', () => {
  test.each([undefined, null, ''])('that is %j is empty', async (body) => {
    const t = setUp();
    for (const name of GATEWAY_NAMES) {
      const event = GATEWAYS[name].toEvent(post('/retry'));
      const { statusCode } = await t.handler({ ...event, body, isBase64Encoded: true });
      expect(statusCode).toBe(401);
    }
  });

  test.each(GATEWAY_NAMES)('%s: is decoded only when isBase64Encoded is true', async (name) => {
    const t = setUp();
    const event = GATEWAYS[name].toEvent(post('/', EMAIL), { encoding: 'base64' });
    expect((await t.handler({ ...event, isBase64Encoded: false })).statusCode).toBe(400);
    expect((await t.handler(event)).statusCode).toBe(204);
  });

  it('is bytes after decoding: invalid UTF-8 is a bad request', async () => {
    const t = setUp();
    const bytes = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    for (const name of GATEWAY_NAMES) {
      const { status, body } = await t.exchange(name, post('/', bytes));
      expect([status, body]).toEqual([400, expect.stringContaining('UTF-8')]);
    }
  });
});

describe('the client address [L03]', () => {
  test.each(GATEWAY_NAMES)('%s: is not the address that the client writes', async (name) => {
    const t = setUp();
    const headers = [['x-forwarded-for', '192.0.2.66'] as const];
    await t.exchange(name, post('/', EMAIL, { headers }));
    expect(t.addresses).toEqual([CLIENT]);
  });

  test.each(GATEWAY_NAMES)(
    '%s: is the entry of the outermost trusted proxy [R12]',
    async (name) => {
      const clientAddress = { header: 'X-Forwarded-For', trustedProxies: 2 };
      const t = setUp({ clientAddress }, { dangerouslyDisableLimits: true });
      const through = async (forwarded: string) => {
        const headers = [['x-forwarded-for', forwarded] as const];
        const created = await t.exchange(name, post('/', EMAIL, { headers }));
        expect(created.status).toBe(204);
      };
      await through(VIEWER);
      await through(`192.0.2.66, ${VIEWER}`);
      await t.exchange(name, post('/', EMAIL));
      expect(t.addresses).toEqual([VIEWER, VIEWER, CLIENT]);
    },
  );

  it('is the whole of a field that a proxy of the host replaces', async () => {
    const t = setUp({ clientAddress: { header: 'true-client-ip' } });
    const headers = [['true-client-ip', VIEWER] as const];
    await t.exchange('HTTP API', post('/', EMAIL, { headers }));
    expect(t.addresses).toEqual([VIEWER]);
  });

  test.each(GATEWAY_NAMES)('%s: is read in the syntax of the field [L08]', async (name) => {
    const read = async (header: string, trustedProxies: number, value: string) => {
      const t = setUp({ clientAddress: { header, trustedProxies } });
      await t.exchange(name, post('/', EMAIL, { headers: [[header, value]] }));
      return t.addresses;
    };
    const forwarded = `for="forged, for="[2001:db8::1]:4711";proto=https, for=10.0.0.1`;
    expect(await read('forwarded', 2, forwarded)).toEqual(['2001:db8::1']);
    expect(await read('cloudfront-viewer-address', 1, `${VIEWER}:4711`)).toEqual([VIEWER]);
  });

  it('is undefined behind a load balancer that removes the header', async () => {
    const t = setUp();
    const { headers, ...event } = GATEWAYS.ALB.toEvent(post('/', EMAIL));
    const { 'x-forwarded-for': _, ...others } = headers ?? {};
    const created = await t.handler({ ...event, headers: others } as LambdaEvent);
    expect(created.statusCode).toBe(204);
    expect(t.addresses).toEqual([undefined]);
  });
});

describe('the path [L03]', () => {
  const http = (rawPath: string, stage: string): LambdaEvent => {
    const event = GATEWAYS['HTTP API'].toEvent(KEYS);
    return {
      ...event,
      rawPath,
      requestContext: { ...event.requestContext, stage },
    } as LambdaEvent;
  };
  const rest = (path: string, whole: string, stage: string): LambdaEvent => {
    const event = GATEWAYS['REST API'].toEvent(KEYS);
    return {
      ...event,
      path,
      requestContext: { ...event.requestContext, path: whole, stage },
    } as LambdaEvent;
  };
  const OTP = '/v1/session/otp';

  test.each([
    ['of an HTTP API', http(`${OTP}/jwks.json`, '$default'), {}],
    ['with a slash at its end', http(`${OTP}/jwks.json/`, '$default'), {}],
    ['below a stage', http(`/prod${OTP}/jwks.json`, 'prod'), {}],
    ['below a stage of the name that it begins with', http(`/v1${OTP}/jwks.json`, 'v1'), {}],
    ['that begins in the stage', http(`${OTP}/jwks.json`, 'v1'), {}],
    ['of a REST API', rest(`${OTP}/jwks.json`, `/prod${OTP}/jwks.json`, 'prod'), {}],
    [
      'of a REST API that begins in the stage',
      rest('/session/otp/jwks.json', `${OTP}/jwks.json`, 'v1'),
      {},
    ],
    [
      'below a base path of a domain',
      rest(`/api${OTP}/jwks.json`, `/api${OTP}/jwks.json`, 'prod'),
      { basePath: `/api${OTP}` },
    ],
    ['below another mount point', http('/otp/jwks.json', '$default'), { basePath: '/otp/' }],
    ['at the root', http('/jwks.json', '$default'), { basePath: '/' }],
    ['at the root of a stage', http('/prod/jwks.json', 'prod'), { basePath: '/' }],
  ])('%s is found', async (_, event, options) => {
    expect((await setUp(options).handler(event)).statusCode).toBe(200);
  });

  test('begins with that of `publicUrl` or the default, with or without the stage, unless `basePath` is set', async () => {
    const publicUrl = 'https://api.example.com/prod/auth/otp';
    const statusOf = async (event: LambdaEvent, options: OtpHandlerOptions = {}) =>
      (await setUp(options, { publicUrl }).handler(event)).statusCode;
    expect(await statusOf(http('/prod/auth/otp/jwks.json', 'prod'))).toBe(200);
    const path = '/auth/otp/jwks.json';
    expect(await statusOf(rest(path, `/prod${path}`, 'prod'))).toBe(200);
    expect(await statusOf(http(`${OTP}/jwks.json`, '$default'))).toBe(200);
    expect(await statusOf(http('/other/jwks.json', '$default'))).toBe(404);
    expect(await statusOf(http(`${OTP}/jwks.json`, '$default'), { basePath: '/otp' })).toBe(404);
  });

  test.each([
    '/jwks.json',
    '/v1/session/otpx/jwks.json',
    '/other/v1/session/otp/jwks.json',
    '/v1/session/otp/jwks.json//',
    '/prod/jwks.json',
    '',
  ])('%j is not found', async (path) => {
    expect((await setUp().handler(http(path, 'prod'))).statusCode).toBe(404);
  });

  it('of the mount point may end with a slash', async () => {
    for (const path of [OTP, `${OTP}/`]) {
      expect((await setUp().handler(http(path, '$default'))).statusCode).toBe(405);
    }
  });
});

describe('other events [L03]', () => {
  test.each([
    ['a queue', { Records: [{ eventSource: 'aws:sqs' }] }],
    [
      'VPC Lattice',
      { version: '2.0', method: 'GET', path: '/', requestContext: { serviceArn: '' } },
    ],
    ['a WebSocket API', { requestContext: { connectionId: 'c', eventType: 'MESSAGE' } }],
    ['nothing', undefined],
    ['null', null],
    ['a string', 'hello'],
    ['another source', { source: 'aws.s3', 'detail-type': 'Object Created' }],
    ['a warmer that is off', { warmer: false }],
  ])('%s is refused with the kinds that are supported', async (_, event) => {
    const rejected = setUp().handler(event as unknown as LambdaEvent);
    await expect(rejected).rejects.toThrow(TypeError);
    await expect(rejected).rejects.toThrow(
      /API Gateway \(REST and HTTP APIs.*function URLs and Application Load Balancers/,
    );
  });

  test.each<WarmerEvent>([
    { source: 'serverless-plugin-warmup' },
    { source: 'aws.events' },
    { warmer: true },
  ])('%j of a warmer does nothing [L03]', async (event) => {
    const t = setUp();
    const result: Record<string, never> = await t.handler(event);
    expect(result).toEqual({});
    expect(t.store.calls).toEqual([]);
  });

  it('of the test button of a REST API, without headers, are answered', async () => {
    const event = GATEWAYS['REST API'].toEvent(KEYS);
    const tested = { ...event, headers: null, multiValueHeaders: null } as LambdaEvent;
    expect((await setUp().handler(tested)).statusCode).toBe(200);
  });
});

describe('options', () => {
  test.each([
    [{ basePath: 'v1' }, /^basePath must be/],
    [{ clientAddress: { header: 'x forwarded', trustedProxies: 1 } }, /^clientAddress\.header/],
    [{ clientAddress: { header: 'x', trustedProxies: 0 } }, /^clientAddress\.trustedProxies must/],
    [{ basepath: '/' }, /^otpHandler\(\) has no option basepath; it takes basePath, client/],
    [{ session: 'id' }, /^session must be a function\.$/],
  ])('refuses %j', (options, message) => {
    expect(() => setUp(options as OtpHandlerOptions)).toThrow(TypeError);
    expect(() => setUp(options as OtpHandlerOptions)).toThrow(message);
  });

  it('the service must have the method handle', () => {
    expect(() => otpHandler({} as OtpService)).toThrow(
      '`otpHandler(service)`: `service` must be created by `createOtpService()`.',
    );
  });

  it('session is called with the event, in the type that the host declares', async () => {
    const t = createTestService();
    const handler = otpHandler(t.service, {
      session: (event: APIGatewayProxyEventV2WithJWTAuthorizer) =>
        String(event.requestContext.authorizer.jwt.claims.sid),
    });
    const create = (sid: string) => {
      const request = post('/', { challenge_token: t.challenge() });
      const event = GATEWAYS['HTTP API'].toEvent(request) as APIGatewayProxyEventV2;
      const authorizer = { jwt: { claims: { sid }, scopes: [] } };
      const requestContext = { ...event.requestContext, authorizer };
      return handler({ ...event, requestContext });
    };
    expect((await create('session-2')).statusCode).toBe(400);
    expect((await create('session-1')).statusCode).toBe(204);
  });

  it('the handler is assignable to the types of @types/aws-lambda', () => {
    const { service } = createTestService();
    const handlers: [
      APIGatewayProxyHandler,
      APIGatewayProxyHandlerV2,
      LambdaFunctionURLHandler,
      ALBHandler,
    ] = [otpHandler(service), otpHandler(service), otpHandler(service), otpHandler(service)];
    // The runtime expects a callback from a handler with three parameters.
    expect(handlers.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });
});

test('1,000 warm invocations over all kinds of events share no state [L03]', async () => {
  const t = setUp({}, { ...generateKeys(), dangerouslyDisableLimits: true });
  const clients = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const name = GATEWAY_NAMES[index % GATEWAY_NAMES.length] ?? 'ALB';
      const value = `user${index}@example.com`;
      const request = post('/', { identifier: { type: 'email_address', value } });
      return { name, value, cookie: cookieOf(await t.exchange(name, request)) };
    }),
  );
  expect(new Set(clients.map(({ cookie }) => cookie)).size).toBe(1000);
  const codes = new Map(t.sender.messages.map(({ to, code }) => [to, code]));
  const verified = await Promise.all(
    clients.map(async ({ name, value, cookie }) => {
      const code = codes.get(value);
      const checked = await t.exchange(name, post('/check', { code }, { cookie }));
      const { identifier } = decodePayload(JSON.parse(checked.body).challenge_token);
      return [headerValues(checked, 'set-cookie').length, identifier];
    }),
  );
  const type = 'email_address';
  expect(verified).toEqual(clients.map(({ value }) => [1, { type, value }]));
}, 30_000);
