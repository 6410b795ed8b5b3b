import { errors, schemaName, toPascal } from './errors.mjs';

/** @typedef {import('./errors.mjs').ErrorCode} ErrorCode */

/** @param {string} path of a component */
export const ref = (path) => ({ $ref: `#/components/${path}` });

const JSON_TYPE = 'application/json';

/** @param {string} value */
const fixed = (value) => ({ schema: { type: 'string', const: value } });

/** @param {string} description @param {{ example: string, pattern?: string }} schema */
const text = (description, { example, ...schema }) => ({
  description,
  schema: { type: 'string', ...schema },
  example,
});

/** @param {string} description @param {number} example */
const seconds = (description, example) => ({
  description,
  schema: { type: 'integer', minimum: 1 },
  example,
});

const TOKEN = 'q3Zk1vYw8mT0sXb5uR2cN7dPfLhJgA9eKiOoVtWxEyQ';
const FORM = '(__Host-|__)verification-login_[A-Za-z0-9_-]{1,64}';
const ATTRIBUTES = 'Path=/; HttpOnly(; Secure)?; SameSite=(Lax|Strict|None); Max-Age=';
const CORS = 'Only if the host configures origins and the request comes from an allowed one.';

export const headers = {
  NoStore: { description: 'No response is cached.', required: true, ...fixed('no-store') },
  Cached: {
    description: 'The key set may be cached.',
    required: true,
    ...fixed('public, max-age=300'),
  },
  NoSniff: {
    description: 'The media type must not be guessed.',
    required: true,
    ...fixed('nosniff'),
  },
  VerificationCookie: text(
    'The cookie of the verification, unless the transport of the host is `header`. `Max-Age` is its life in seconds.',
    {
      pattern: `^${FORM}=[A-Za-z0-9_-]{43}; ${ATTRIBUTES}[1-9][0-9]*(; Partitioned)?$`,
      example: `__verification-login_demo=${TOKEN}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600`,
    },
  ),
  ClearedCookie: text('Clears the cookie of a verification that has ended.', {
    pattern: `^${FORM}=; ${ATTRIBUTES}0(; Partitioned)?$`,
    example: '__verification-login_demo=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0',
  }),
  VerificationToken: text(
    'The token of the verification, if the transport of the host is `header` or `both`.',
    {
      pattern: '^[A-Za-z0-9_-]{43}$',
      example: TOKEN,
    },
  ),
  RetryAfter: { ...seconds('Seconds to wait.', 30), required: true },
  RetryAfterLimit: seconds('Seconds to wait, if a limit refuses a create.', 30),
  Allow: { ...text('The methods of the route.', { example: 'POST, OPTIONS' }), required: true },
  Vary: text('Contains `Origin` if the host configures origins.', { example: 'Origin' }),
  AllowOrigin: text(CORS, { example: 'https://app.example.com' }),
  AllowCredentials: { description: CORS, ...fixed('true') },
  ExposeHeaders: text(CORS, { example: 'date, retry-after, x-verification-token' }),
  AllowMethods: {
    ...text('The methods of the route.', { example: 'POST, OPTIONS' }),
    required: true,
  },
  AllowHeaders: {
    ...text('The header fields that a page may send.', {
      example: 'content-type, accept, dpop, x-verification-token',
    }),
    required: true,
  },
  MaxAge: {
    ...seconds('Seconds for which a browser may keep this response.', 600),
    required: true,
  },
};

/** The headers of every response. */
const COMMON = {
  'Cache-Control': ref('headers/NoStore'),
  'X-Content-Type-Options': ref('headers/NoSniff'),
  Vary: ref('headers/Vary'),
  'Access-Control-Allow-Origin': ref('headers/AllowOrigin'),
  'Access-Control-Allow-Credentials': ref('headers/AllowCredentials'),
  'Access-Control-Expose-Headers': ref('headers/ExposeHeaders'),
};

/**
 * @param {string} description
 * @param {Record<string, { $ref: string }>} [more] headers
 * @param {object} [content]
 */
const response = (description, more = {}, content = undefined) => ({
  description,
  headers: { ...COMMON, ...more },
  ...(content && { content }),
});

/** @param {string} schema @param {object} example @param {string} [type] */
const body = (schema, example, type = JSON_TYPE) => ({
  [type]: { schema: ref(`schemas/${schema}`), example },
});

/** Of RFC 8037, appendix A. */
const KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  alg: 'EdDSA',
  use: 'sig',
};

export const successes = {
  created: response(
    'The code is on its way. The response carries the handle of the verification.',
    {
      'Set-Cookie': ref('headers/VerificationCookie'),
      'X-Verification-Token': ref('headers/VerificationToken'),
    },
  ),
  sentAgain: response('The same code is on its way again.'),
  verified: response(
    'The code is correct and the verification has ended.',
    { 'Set-Cookie': ref('headers/ClearedCookie') },
    body('CheckResponse', { challenge_token: 'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.e30.c2ln' }),
  ),
  status: response(
    'The state of the verification.',
    {},
    body('StatusResponse', {
      flow: 'standalone',
      channel: 'sms',
      code_length: 6,
      expires_at: '2026-11-29T12:10:00.000Z',
      retry_after: 30,
      sends_left: 4,
      attempts_left: 5,
      recipient_hint: '+33 ••• •• 78',
    }),
  ),
  keys: response(
    'The public keys.',
    { 'Cache-Control': ref('headers/Cached') },
    body('KeySet', { keys: [KEY] }, 'application/jwk-set+json'),
  ),
};

const preflight = response('The origin is allowed.', {
  Allow: ref('headers/Allow'),
  'Access-Control-Allow-Methods': ref('headers/AllowMethods'),
  'Access-Control-Allow-Headers': ref('headers/AllowHeaders'),
  'Access-Control-Max-Age': ref('headers/MaxAge'),
});

/** @type {Readonly<Partial<Record<ErrorCode, Record<string, { $ref: string }>>>>} */
const HEADERS = {
  bad_check_code: { 'Set-Cookie': ref('headers/ClearedCookie') },
  unauthorized: { 'Set-Cookie': ref('headers/ClearedCookie') },
  auth_blocked: { 'Retry-After': ref('headers/RetryAfterLimit') },
  rate_limited: { 'Retry-After': ref('headers/RetryAfter') },
};

/** An example of each error. */
export const examples = Object.fromEntries(
  errors.map(({ code, example }) => [code, { value: example }]),
);

/**
 * The response of one status.
 *
 * @param {readonly ErrorCode[]} codes
 */
function failure(codes) {
  const listed = errors.filter(({ code }) => codes.includes(code));
  const schemas = listed.map(({ code }) => ref(`schemas/${schemaName(code)}`));
  const [only, ...more] = listed.map(({ schema }) => schema.description);
  const description = more.length === 0 ? only : codes.map((code) => `\`${code}\``).join(', ');
  const headers = Object.assign({}, ...codes.map((code) => HEADERS[code]));
  return response(description ?? '', headers, {
    [JSON_TYPE]: {
      schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
      examples: Object.fromEntries(codes.map((code) => [code, ref(`examples/${code}`)])),
    },
  });
}

const wrongMethod = { code: 'bad_request', type: 'bad_request', message: 'method: must be POST' };

/** Responses of one code, which operations share, and those to `OPTIONS`. @type {Record<string, object>} */
export const responses = {
  Preflight: preflight,
  WrongMethod: response(
    'The route does not have this method. It has `OPTIONS` if the host configures origins.',
    { Allow: ref('headers/Allow') },
    body('BadRequestError', wrongMethod),
  ),
};

/**
 * The responses of an operation: its success, and one for each status of its codes.
 *
 * @param {number} status
 * @param {object} success
 * @param {readonly ErrorCode[]} codes
 */
export function answers(status, success, codes) {
  const listed = errors.filter(({ code }) => codes.includes(code));
  const failures = listed.map(({ code, status }) => {
    const same = listed.filter((each) => each.status === status).map((each) => each.code);
    if (same.length > 1) return [status, failure(same)];
    const name = toPascal(code);
    responses[name] ??= failure(same);
    return [status, ref(`responses/${name}`)];
  });
  return { [status]: success, ...Object.fromEntries(failures) };
}
