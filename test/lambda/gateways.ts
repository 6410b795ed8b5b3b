import type { ExchangeRequest, ExchangeResponse, Header } from '@otp/testing';
import type {
  ALBEvent,
  ALBResult,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { LambdaEvent } from '../../packages/lambda/src/lib/events.js';

/** A gateway in front of a function: turns requests into events, and results into responses. */
export interface Gateway {
  /** The mount point as clients write it. */
  readonly url: string;
  /** Whether only the last value of a repeated header field is passed on. */
  readonly dropsRepeatedFields: boolean;
  readonly toEvent: (request: ExchangeRequest, connection?: Connection) => LambdaEvent;
  readonly toResponse: (result: unknown) => ExchangeResponse;
}

export interface Connection {
  /** The encoding of bodies in UTF-8; others are always in base64. @default `text` */
  readonly encoding?: 'text' | 'base64';
  /** The address that has connected to the gateway. @default `203.0.113.7` */
  readonly clientAddress?: string;
}

const BASE_PATH = '/v1/session/otp';
const CLIENT = '203.0.113.7';
const PARTS = { accountId: '123456789012', requestId: 'id', stage: 'prod' };

/** The identity of a client without credentials of AWS, in an event of a REST API. */
const NOBODY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userAgent: null,
  userArn: null,
};

/** Written after AWS's documentation and recorded events. */
export const GATEWAYS = {
  'REST API': restApi(),
  'HTTP API': httpApi('abc123.execute-api.eu-west-1.amazonaws.com', 'prod'),
  'function URL': httpApi('abc123.lambda-url.eu-west-1.on.aws', '$default'),
  ALB: alb(false),
  'ALB with multi-value headers': alb(true),
} as const satisfies Record<string, Gateway>;

export type GatewayName = keyof typeof GATEWAYS;

/** A request with the header fields that a function receives. */
export function receivedThrough(
  { dropsRepeatedFields }: Gateway,
  request: ExchangeRequest,
): ExchangeRequest {
  return dropsRepeatedFields ? { ...request, headers: [...new Map(request.headers)] } : request;
}

export const GATEWAY_NAMES = Object.keys(GATEWAYS) as GatewayName[];

function restApi(): Gateway {
  const domainName = 'abc123.execute-api.eu-west-1.amazonaws.com';
  return {
    url: `https://${domainName}/prod${BASE_PATH}`,
    dropsRepeatedFields: false,
    toEvent(request, connection = {}): APIGatewayProxyEvent {
      const { path, query } = split(request);
      const fields = received(request, domainName, connection).map(
        ([name, value]): Header => [titled(name), value],
      );
      return {
        resource: '/{proxy+}',
        path,
        httpMethod: request.method,
        headers: Object.fromEntries(fields),
        multiValueHeaders: grouped(fields),
        queryStringParameters: query === '' ? null : { v: query },
        multiValueQueryStringParameters: query === '' ? null : { v: [query] },
        pathParameters: { proxy: path.slice(1) },
        stageVariables: null,
        requestContext: {
          ...PARTS,
          apiId: 'abc123',
          authorizer: null,
          domainName,
          domainPrefix: 'abc123',
          protocol: 'HTTP/1.1',
          httpMethod: request.method,
          identity: { ...NOBODY, sourceIp: connection.clientAddress ?? CLIENT },
          path: `/prod${path}`,
          requestTimeEpoch: 0,
          resourceId: 'xyz',
          resourcePath: '/{proxy+}',
        },
        ...encoded(request, connection),
      };
    },
    toResponse(result) {
      const { statusCode, headers, multiValueHeaders, body } = result as APIGatewayProxyResult;
      return answered(statusCode, [...single(headers), ...multiple(multiValueHeaders)], body);
    },
  };
}

/** Also a function URL, whose path does not contain the stage. */
function httpApi(domainName: string, stage: string): Gateway {
  const prefix = stage === '$default' ? '' : `/${stage}`;
  return {
    url: `https://${domainName}${prefix}${BASE_PATH}`,
    dropsRepeatedFields: false,
    toEvent(request, connection = {}): APIGatewayProxyEventV2 {
      const { path, query } = split(request);
      const fields = received(request, domainName, connection);
      const cookies = fields
        .filter(([name]) => name === 'cookie')
        .flatMap(([, value]) => value.split(/;\s*/));
      const { cookie, ...others } = grouped(fields);
      const joined = stage === '$default' && cookie ? { ...others, cookie } : others;
      const { body, isBase64Encoded } = encoded(request, connection);
      return {
        version: '2.0',
        routeKey: '$default',
        rawPath: `${prefix}${path}`,
        rawQueryString: query,
        ...(cookies.length > 0 ? { cookies } : {}),
        headers: Object.fromEntries(
          Object.entries(joined).map(([name, values]) => [name, values.join(',')]),
        ),
        requestContext: {
          ...PARTS,
          stage,
          apiId: 'abc123',
          domainName,
          domainPrefix: 'abc123',
          http: {
            method: request.method,
            path: `${prefix}${path}`,
            protocol: 'HTTP/1.1',
            sourceIp: connection.clientAddress ?? CLIENT,
            userAgent: 'test',
          },
          routeKey: '$default',
          time: '01/Jan/2030:00:00:00 +0000',
          timeEpoch: 0,
        },
        ...(body === null ? {} : { body }),
        isBase64Encoded,
      };
    },
    toResponse(result) {
      const {
        statusCode = 0,
        headers,
        cookies = [],
        body,
      } = result as APIGatewayProxyStructuredResultV2;
      const set = cookies.map((value): Header => ['set-cookie', value]);
      return answered(statusCode, [...single(headers), ...set], body);
    },
  };
}

function alb(multiValueHeaders: boolean): Gateway {
  const host = 'lb-123.eu-west-1.elb.amazonaws.com';
  return {
    url: `https://${host}${BASE_PATH}`,
    dropsRepeatedFields: !multiValueHeaders,
    toEvent(request, connection = {}): ALBEvent {
      const { path } = split(request);
      const fields = [
        ...received(request, host, connection),
        ['x-forwarded-proto', 'https'] as const,
      ];
      const { body, isBase64Encoded } = encoded(request, connection);
      return {
        requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:…' } },
        httpMethod: request.method,
        path,
        ...(multiValueHeaders
          ? { multiValueHeaders: grouped(fields), multiValueQueryStringParameters: {} }
          : { headers: Object.fromEntries(fields), queryStringParameters: {} }),
        body: body ?? '',
        isBase64Encoded,
      };
    },
    toResponse(result) {
      const { statusCode, body, ...fields } = result as ALBResult;
      const headers = multiValueHeaders
        ? multiple(fields.multiValueHeaders)
        : single(fields.headers);
      return answered(statusCode, headers, body);
    },
  };
}

function split({ path }: ExchangeRequest): { path: string; query: string } {
  const [under = '', query = ''] = path.split('?');
  return { path: BASE_PATH + (under === '/' ? '' : under), query };
}

/** The header fields of a request with those that every gateway adds. */
function received(
  { headers }: ExchangeRequest,
  host: string,
  { clientAddress = CLIENT }: Connection,
): Header[] {
  const forwarded = headers.filter(([name]) => name === 'x-forwarded-for');
  return [
    ['host', host],
    ...headers.filter(([name]) => name !== 'host' && name !== 'x-forwarded-for'),
    ['x-forwarded-for', [...forwarded.map(([, value]) => value), clientAddress].join(', ')],
  ];
}

function encoded({ body }: ExchangeRequest, { encoding }: Connection) {
  if (body === undefined) return { body: null, isBase64Encoded: false };
  const bytes = Buffer.from(body);
  const isBase64Encoded = encoding === 'base64' || !bytes.equals(Buffer.from(bytes.toString()));
  return { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

function grouped(fields: readonly Header[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [name, value] of fields) groups[name] = [...(groups[name] ?? []), value];
  return groups;
}

/** Writes `content-type` as HTTP/1.1 clients do: a REST API does not change the case. */
function titled(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

type Scalar = string | number | boolean;

function single(headers: Readonly<Record<string, Scalar>> = {}): Header[] {
  return Object.entries(headers).map(([name, value]) => [name, String(value)]);
}

function multiple(headers: Readonly<Record<string, readonly Scalar[]>> = {}): Header[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    values.map((value): Header => [name, String(value)]),
  );
}

/** A gateway responds with 502 to a malformed result. */
function answered(statusCode: unknown, headers: Header[], body: unknown): ExchangeResponse {
  if (!Number.isInteger(statusCode) || typeof body !== 'string') {
    return { status: 502, headers: [], body: 'malformed Lambda proxy response' };
  }
  return { status: Number(statusCode), headers, body };
}
