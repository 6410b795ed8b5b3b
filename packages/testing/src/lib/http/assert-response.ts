import assert from 'node:assert/strict';
import { type ExchangeResponse, type Header, headerValues } from './exchange.js';

/** The table of the contract: `type` and status of each code. */
const CODES = {
  bad_request: ['bad_request', 400],
  invalid_challenge_token: ['bad_request', 400],
  expired_challenge_token: ['bad_request', 400],
  token_mismatch: ['bad_request', 400],
  bad_check_code: ['bad_request', 400],
  unauthorized: ['unauthorized', 401],
  auth_blocked: ['forbidden', 403],
  not_found: ['not_found', 404],
  token_reused: ['conflict', 409],
  rate_limited: ['rate_limited', 429],
  internal: ['internal', 500],
} as const satisfies Record<string, readonly [type: string, status: number]>;

export type TableCode = keyof typeof CODES;

/** Header fields that clients and caches act on. One that is not expected must be absent. */
const FIELDS = [
  'cache-control',
  'content-type',
  'set-cookie',
  'retry-after',
  'x-verification-token',
  'allow',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
];

export const NO_STORE: Header = ['cache-control', 'no-store'];
export const JSON_BODY: Header = ['content-type', 'application/json'];
export const CLEARED: Header = [
  'set-cookie',
  '__verification-login_app=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0',
];

export interface ExpectedResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string | RegExp])[];
  readonly body: string;
}

/** Asserts the status, the header fields above and the body. */
export function assertResponse(response: ExchangeResponse, expected: ExpectedResponse): void {
  const { status, body } = response;
  assert.equal(status, expected.status, `status ${status}: ${body}`);
  assert.equal(body, expected.body);
  assert.deepEqual(headerValues(response, 'x-content-type-options'), ['nosniff']);
  for (const field of FIELDS) {
    const wanted = expected.headers.filter(([name]) => name === field);
    const got = headerValues(response, field);
    assert.equal(got.length, wanted.length, `${field}: ${JSON.stringify(got)}`);
    for (const [index, [, value]] of wanted.entries()) {
      if (typeof value === 'string') assert.equal(got[index], value, field);
      else assert.match(got[index] ?? '', value, field);
    }
  }
  // A framework may add to `vary`.
  const wanted = expected.headers.filter(([name]) => name === 'vary');
  const varied = headerValues(response, 'vary').join(',').toLowerCase();
  for (const [, value] of wanted) assert.match(varied, new RegExp(`\\b${value}\\b`, 'i'));
  if (wanted.length === 0) assert.doesNotMatch(varied, /\borigin\b/);
}

export interface ExpectedFailure {
  readonly message?: string;
  readonly attemptsLeft?: number;
  /** Beside `cache-control` and `content-type`. */
  readonly headers?: readonly Header[];
  /** If it differs from the one of the code: 405. */
  readonly status?: number;
  /** For HEAD. */
  readonly bodyless?: boolean;
}

export function assertFailure(
  response: ExchangeResponse,
  code: TableCode,
  expected: ExpectedFailure = {},
): void {
  const [type, status] = CODES[code];
  const { message, attemptsLeft, headers = [] } = expected;
  const body = JSON.stringify({ code, type, message, attempts_left: attemptsLeft });
  assertResponse(response, {
    status: expected.status ?? status,
    headers: [NO_STORE, JSON_BODY, ...headers],
    body: expected.bodyless === true ? '' : body,
  });
}

/** Asserts 204 with a new cookie. */
export function assertCreated(response: ExchangeResponse, maxAgeSeconds = 600): void {
  const attributes = `Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
  const cookie = new RegExp(`^__verification-login_app=[A-Za-z0-9_-]{43}; ${attributes}$`);
  assertResponse(response, { status: 204, headers: [NO_STORE, ['set-cookie', cookie]], body: '' });
}

/** Asserts 204 without a cookie. */
export function assertSentAgain(response: ExchangeResponse): void {
  assertResponse(response, { status: 204, headers: [NO_STORE], body: '' });
}

/** Asserts 200 with a token and the cookie cleared; returns the token. */
export function assertVerified(response: ExchangeResponse): string {
  const token = /^\{"challenge_token":"([A-Za-z0-9_.-]+)"\}$/.exec(response.body)?.[1] ?? '';
  const body = JSON.stringify({ challenge_token: token });
  assertResponse(response, { status: 200, headers: [NO_STORE, JSON_BODY, CLEARED], body });
  return token;
}
