import { checkWithDpop, createDpopService } from '@otp/test/dpop-client';
import { GATEWAYS, type GatewayName } from '@otp/test/lambda';
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, test } from 'vitest';
import { type LambdaEvent, otpHandler } from '../src/index.js';

const OTP = '/v1/session/otp';
const CUSTOM = { domainName: 'api.example.com', domainPrefix: 'api' };

interface Place {
  readonly gateway: GatewayName;
  /** The mount point in the URL of the client. */
  readonly url: string;
  /** Turns the event of the gateway's own domain into that of another place. */
  readonly toEvent?: (event: LambdaEvent) => LambdaEvent;
  readonly basePath?: string;
  readonly publicUrl?: string;
}

/** The stage stays in the path, although it is not in the URL. */
const httpApiAtDomain = (event: LambdaEvent): LambdaEvent => {
  const { requestContext, ...others } = event as APIGatewayProxyEventV2;
  return { ...others, requestContext: { ...requestContext, ...CUSTOM } };
};

const restApiAtDomain =
  (mapping: string) =>
  (event: LambdaEvent): LambdaEvent => {
    const { requestContext, path, ...others } = event as APIGatewayProxyEvent;
    const mapped = mapping + path;
    return {
      ...others,
      path: mapped,
      requestContext: { ...requestContext, ...CUSTOM, path: mapped },
    };
  };

const PLACES: Readonly<Record<string, Place>> = {
  'an HTTP API, below its stage': { gateway: 'HTTP API', url: GATEWAYS['HTTP API'].url },
  'an HTTP API at a domain of the host': {
    gateway: 'HTTP API',
    toEvent: httpApiAtDomain,
    url: `https://api.example.com${OTP}`,
  },
  'an HTTP API below a mapping key, by publicUrl': {
    gateway: 'HTTP API',
    toEvent: httpApiAtDomain,
    url: `https://api.example.com/auth${OTP}`,
    publicUrl: `https://api.example.com/auth${OTP}`,
  },
  'a function URL': { gateway: 'function URL', url: GATEWAYS['function URL'].url },
  'a REST API, below its stage': { gateway: 'REST API', url: GATEWAYS['REST API'].url },
  'a REST API at a domain of the host': {
    gateway: 'REST API',
    toEvent: restApiAtDomain(''),
    url: `https://api.example.com${OTP}`,
  },
  'a REST API below a base path of the domain': {
    gateway: 'REST API',
    toEvent: restApiAtDomain('/api'),
    url: `https://api.example.com/api${OTP}`,
    basePath: `/api${OTP}`,
  },
  'a load balancer': { gateway: 'ALB', url: GATEWAYS.ALB.url },
  'a load balancer with multi-value headers': {
    gateway: 'ALB with multi-value headers',
    url: GATEWAYS['ALB with multi-value headers'].url,
  },
};

test.each(Object.entries(PLACES))(
  'at %s a client that is not ours passes with the URL that it sees [L03, J11]',
  async (_, { gateway: name, url, toEvent = (event) => event, basePath, publicUrl }) => {
    const t = createDpopService(publicUrl === undefined ? {} : { publicUrl });
    const handler = otpHandler(t.service, basePath === undefined ? {} : { basePath });
    const gateway = GATEWAYS[name];
    const exchange = async (request: Parameters<typeof gateway.toEvent>[0]) =>
      gateway.toResponse(await handler(toEvent(gateway.toEvent(request))));
    const check = (htu: string) => checkWithDpop(t, exchange, { htu });
    expect(await check(`${url}/check`)).toBe(200);
    expect(await check(`${url}/retry`)).toBe(400);
    expect(await check(`https://other.example${OTP}/check`)).toBe(400);
  },
);

test('the URL of a load balancer has the host, the port and the scheme of the request [L03, J11]', async () => {
  const t = createDpopService();
  const handler = otpHandler(t.service);
  const fields = { host: 'shop.example:8080', 'x-forwarded-proto': 'http' };
  const { toEvent, toResponse } = GATEWAYS.ALB;
  const htu = `http://shop.example:8080${OTP}/check`;
  const passed = await checkWithDpop(
    t,
    async (request) => {
      const event = toEvent(request);
      return toResponse(await handler({ ...event, headers: { ...event.headers, ...fields } }));
    },
    { htu },
  );
  expect(passed).toBe(200);
});
