import type { ExchangeRequest, Header } from '@otp/testing';
import { generateBody, generateOddBody, type Known } from './body.js';
import { type Choices, happens, pick } from './choices.js';
import { mutateText } from './mutate.js';

const ORIGIN = 'https://app.example.com';

/** The options of the service that match the origins and `login_config_id` of generated requests. */
export const GENERATION_OPTIONS = {
  origins: [ORIGIN],
  loginConfigs: {
    text: { channel: 'sms', flows: ['standalone', 'step-up'] },
    mail: { channel: 'email', codeLength: 8 },
  },
} as const;

const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'Application/JSON;charset="UTF-8"',
  'application/json;',
  'application/json ; a=b',
  'application/json;charset=UTF8',
  'application/json; charset=latin1',
  'application/json, text/plain',
  'application/json x',
  'application/jsonp',
  'text/plain',
  'text/json',
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json;charset=utf-8;charset=utf-8',
  `application/json; a=${'b'.repeat(300)}`,
] as const;
const ENCODINGS = ['identity', 'Identity', 'gzip', 'br', 'identity, gzip', ''] as const;
const ORIGINS = [
  ORIGIN,
  ORIGIN,
  ORIGIN,
  'null',
  'https://evil.example',
  `${ORIGIN}.evil.example`,
  'https://APP.example.com',
  '',
] as const;
const LENGTHS = ['0', '8192', '8193', '99999999999', '-1', 'x', '1e9', ''] as const;
const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const ODD_PATHS = [
  '/jwks.json',
  '/jwks.json',
  '/nope',
  '/check/',
  '/status',
  '/status/',
  '/Check',
  '//',
  '/check/more',
  '/constructor',
  '/%63heck',
  '/retry;a=b',
  '/?a=1',
  '/check?code=1',
  '/jwks.json?',
] as const;

/** Generates a request of a client that knows some values: valid, or odd in some parts. */
export function generateRequest(choices: Choices, known: Known): ExchangeRequest {
  const route = pick(choices, ['/', '/check', '/retry']);
  const odd = pick<readonly Part[]>(choices, ODD_PARTS);
  const isElsewhere = odd.includes('target');
  const headers = odd.includes('headers') ? oddHeaders : plainHeaders;
  const body = odd.includes('body') ? generateOddBody : generateBody;
  return {
    method: isElsewhere ? pick(choices, ['POST', ...METHODS]) : 'POST',
    path: isElsewhere ? pick(choices, [route, ...ODD_PATHS]) : route,
    headers: headers(choices, known, route),
    body: body(choices, route, known),
  };
}

type Part = 'target' | 'headers' | 'body';

const ODD_PARTS = [
  [],
  [],
  [],
  [],
  [],
  [],
  ['body'],
  ['body'],
  ['body'],
  ['headers'],
  ['headers'],
  ['headers', 'body'],
  ['target', 'headers'],
] as const satisfies readonly (readonly Part[])[];

function plainHeaders(_: Choices, { cookie }: Known, route: string): Header[] {
  const type: Header = ['content-type', 'application/json'];
  return route === '/' ? [type] : [type, ['cookie', cookie]];
}

/** Changes `content-length` to a wrong one, which no client can send over a socket. */
export function lieAboutLength(choices: Choices, request: ExchangeRequest): ExchangeRequest {
  const length: Header = ['content-length', pick(choices, LENGTHS)];
  return { ...request, headers: [...request.headers, length] };
}

/** Trims header values as HTTP does (RFC 9110, 5.5). */
export function overHttp(request: ExchangeRequest): ExchangeRequest {
  const headers = request.headers.map(
    ([name, value]): Header => [name, value.replace(NO_FIELD_CHARACTER, '').trim()],
  );
  return { ...request, headers };
}

const NO_FIELD_CHARACTER = /[^\t -~\u0080-\u00ff]/g;

function oddHeaders(choices: Choices, { cookie }: Known, route: string): Header[] {
  const headers: Header[] = [];
  if (!happens(choices, 4)) headers.push(['content-type', contentType(choices)]);
  if (happens(choices, 4)) headers.push(['content-type', 'application/json']);
  // A browser sends its cookie to every route.
  if (route === '/' ? happens(choices, 30) : !happens(choices, 15)) {
    headers.push(['cookie', happens(choices, 15) ? mutateText(choices, cookie) : cookie]);
  }
  if (happens(choices, 5)) headers.push(['cookie', pick(choices, [cookie, 'a=1', ''])]);
  if (happens(choices, 40)) headers.push(['origin', pick(choices, ORIGINS)]);
  if (happens(choices, 4)) headers.push(['origin', pick(choices, ORIGINS)]);
  if (happens(choices, 15)) headers.push(['content-encoding', pick(choices, ENCODINGS)]);
  if (happens(choices, 10)) headers.push(['dpop', pick(choices, ['x', 'a.b.c', cookie])]);
  return headers;
}

function contentType(choices: Choices): string {
  if (!happens(choices, 40)) return 'application/json';
  const type = pick(choices, CONTENT_TYPES);
  return happens(choices, 20) ? mutateText(choices, type) : type;
}
