import assert from 'node:assert/strict';
import {
  type ExchangeRequest,
  type ExchangeResponse,
  type Header,
  headerValues,
} from '@otp/testing';
import {
  assertFailure,
  assertResponse,
  CLEARED,
  JSON_BODY,
  MESSAGES,
  NO_STORE,
  type TableCode,
} from '@otp/testing/internal';
import { assertDocumented } from './openapi.js';
import { routeOf } from './route-of.js';

/** The status of a success, or the code of a failure. */
export type Answer = '200' | '204' | TableCode;

const TOKEN_CODES = [
  'invalid_challenge_token',
  'expired_challenge_token',
  'token_mismatch',
] as const;

/** The answers that the contract lists for each route, without faults: `internal` is in none. */
export const ANSWERS = {
  '/': ['204', 'bad_request', ...TOKEN_CODES, 'auth_blocked'],
  '/retry': ['204', 'bad_request', 'unauthorized', 'auth_blocked', 'rate_limited'],
  '/check': [
    '200',
    'bad_request',
    ...TOKEN_CODES,
    'bad_check_code',
    'unauthorized',
    'auth_blocked',
    'token_reused',
    'rate_limited',
  ],
  '/status': ['200', 'unauthorized', 'auth_blocked'],
  '/jwks.json': ['200', 'auth_blocked'],
} as const satisfies Record<string, readonly Answer[]>;
type Route = keyof typeof ANSWERS;

const NAME = '__verification-login_app';
const COOKIE = new RegExp(
  `^${NAME}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600$`,
);
const KNOWN_MESSAGES: ReadonlySet<unknown> = new Set(Object.values(MESSAGES));

export interface ContractOptions {
  /** The `origins` of the service. */
  readonly origins: readonly string[];
}

/**
 * Asserts that the contract lists a response for its request, with exactly its header fields; returns the answer. For a
 * service of the app `app` with default cookies.
 */
export function assertContractAnswer(
  request: ExchangeRequest,
  response: ExchangeResponse,
  { origins }: ContractOptions,
): Answer {
  assertDocumented(request, response);
  const cors = corsOf(request, origins);
  const path = routeOf(request);
  if (!isRoute(path)) return refused(request, response, 'not_found', cors);
  const allowed = isRead(path) ? ['GET', 'HEAD', 'OPTIONS'] : ['POST', 'OPTIONS'];
  if (!allowed.includes(request.method)) {
    const headers: Header[] = [['allow', allowed.join(', ')], ...cors];
    return refused(request, response, 'bad_request', headers, 405);
  }
  if (response.status >= 400) {
    const ofHead = response.status === 401 ? 'unauthorized' : 'auth_blocked';
    const code = request.method === 'HEAD' ? ofHead : codeOf(response);
    assert.ok(isListed(path, code), `${path} answers ${code}`);
    return refused(request, response, code, [...cors, ...moreHeaders(request, response, code)]);
  }
  if (request.method === 'OPTIONS') return assertPreflight(response, allowed, cors);
  if (path === '/jwks.json') return assertKeys(request, response, cors);
  return path === '/status'
    ? assertStatus(request, response, cors)
    : assertSuccess(path, response, cors);
}

function isRead(path: Route): path is '/jwks.json' | '/status' {
  return path === '/jwks.json' || path === '/status';
}

function isRoute(path: string): path is Route {
  return Object.hasOwn(ANSWERS, path);
}

function isListed(path: Route, code: TableCode): boolean {
  const answers: readonly Answer[] = ANSWERS[path];
  return answers.includes(code);
}

function codeOf({ body }: ExchangeResponse): TableCode {
  return JSON.parse(body).code;
}

function refused(
  request: ExchangeRequest,
  response: ExchangeResponse,
  code: TableCode,
  headers: readonly Header[],
  status?: number,
): TableCode {
  const bodyless = request.method === 'HEAD';
  const { message, attempts_left: attemptsLeft } = bodyless ? {} : JSON.parse(response.body);
  if (!bodyless) assertMessage(code, message, status);
  assert.equal(attemptsLeft !== undefined, code === 'bad_check_code');
  const more = status === undefined ? {} : { status };
  assertFailure(response, code, { message, attemptsLeft, headers, bodyless, ...more });
  return code;
}

/** Messages are from a closed list, so that none can repeat a value of the client. */
function assertMessage(code: TableCode, message: unknown, status: number | undefined): void {
  if (status === 405) assert.match(String(message), /^method: must be [A-Z, ]+$/);
  else if (message !== undefined || code === 'bad_request') {
    assert.ok(KNOWN_MESSAGES.has(message), `message ${message}`);
  }
}

/** The header fields of a refusal. */
function moreHeaders(
  { headers }: ExchangeRequest,
  response: ExchangeResponse,
  code: TableCode,
): Header[] {
  const more: Header[] = [];
  const { message, attempts_left: left } = response.body === '' ? {} : JSON.parse(response.body);
  const carries = headers.some(([name, value]) => name === 'cookie' && OURS.test(value));
  if (left === 0 || (code === 'unauthorized' && carries)) more.push(CLEARED);
  if (code === 'rate_limited' || message === MESSAGES.createLimit) {
    const [seconds = ''] = headerValues(response, 'retry-after');
    assert.match(seconds, /^[1-9][0-9]*$/, 'retry-after');
    more.push(['retry-after', seconds]);
  }
  return more;
}

const OURS = new RegExp(`(?:^|;)[ \\t]*${NAME}[ \\t]*=`);

function corsOf({ headers }: ExchangeRequest, origins: readonly string[]): Header[] {
  if (origins.length === 0) return [];
  const vary: Header = ['vary', 'Origin'];
  const [origin, ...more] = headers.filter(([name]) => name === 'origin');
  if (origin === undefined || more.length > 0 || !origins.includes(origin[1])) return [vary];
  return [
    vary,
    ['access-control-allow-origin', origin[1]],
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', 'date, retry-after, x-verification-token'],
  ];
}

const ALLOWED_HEADERS =
  'content-type, accept, authorization, dpop, x-sdk-user-agent, x-device-id, x-verification-token, traceparent, tracestate, baggage, sentry-trace';

function assertPreflight(
  response: ExchangeResponse,
  allowed: readonly string[],
  cors: readonly Header[],
): Answer {
  const methods = allowed.join(', ');
  const headers: Header[] = [
    NO_STORE,
    ['allow', methods],
    ['access-control-allow-methods', methods],
    ['access-control-allow-headers', ALLOWED_HEADERS],
    ['access-control-max-age', '600'],
    ...cors,
  ];
  assertResponse(response, { status: 204, headers, body: '' });
  return '204';
}

function assertKeys(
  { method }: ExchangeRequest,
  response: ExchangeResponse,
  cors: readonly Header[],
): Answer {
  const headers: Header[] = [
    ['cache-control', 'public, max-age=300'],
    ['content-type', 'application/jwk-set+json'],
    ...cors,
  ];
  assertResponse(response, { status: 200, headers, body: method === 'HEAD' ? '' : response.body });
  return '200';
}

const STATUS_MEMBERS = [
  'flow',
  'channel',
  'code_length',
  'expires_at',
  'retry_after',
  'sends_left',
  'attempts_left',
  'recipient_hint',
];

function assertStatus(
  { method }: ExchangeRequest,
  response: ExchangeResponse,
  cors: readonly Header[],
): Answer {
  const body = method === 'HEAD' ? '' : response.body;
  const headers = [NO_STORE, JSON_BODY, ...cors];
  assertResponse(response, { status: 200, headers, body });
  if (method !== 'HEAD') assert.deepEqual(Object.keys(JSON.parse(body)), STATUS_MEMBERS);
  return '200';
}

function assertSuccess(
  path: '/' | '/retry' | '/check',
  response: ExchangeResponse,
  cors: readonly Header[],
): Answer {
  if (path === '/check') {
    assert.match(
      response.body,
      /^\{"challenge_token":"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}"\}$/,
    );
    const headers = [NO_STORE, JSON_BODY, CLEARED, ...cors];
    assertResponse(response, { status: 200, headers, body: response.body });
    return '200';
  }
  const cookie = path === '/' ? [['set-cookie', COOKIE] as const] : [];
  assertResponse(response, { status: 204, headers: [NO_STORE, ...cookie, ...cors], body: '' });
  return '204';
}
