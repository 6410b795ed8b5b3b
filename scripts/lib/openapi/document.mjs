import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { answers, examples, headers, ref, responses, successes } from './responses.mjs';
import { schemas } from './schemas.mjs';

/** @typedef {import('./errors.mjs').ErrorCode} ErrorCode */

const MOUNT = '/v1/session/otp';
/** @type {import('../metadata.mjs').Root} */
const { author, license, repository } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

const DESCRIPTION = [
  'Verifies that somebody holds a phone number or an e-mail address, by a code that is sent there: standalone, or as a step of the challenge of a signed-in user (step-up).',
  'A create returns the handle of a verification in a cookie, in a header or in both; the host chooses. Retry, check and status need it. A `POST` needs `Content-Type: application/json`; a retry without a body does not.',
  `The paths are those of a host that mounts the service at \`${MOUNT}\`. One slash at the end of a path is ignored. Any other path is 404 \`not_found\`; any other method is 405 \`bad_request\` with \`Allow\`. \`HEAD\` is answered like \`GET\`, without a body.`,
].join('\n\n');

/** The codes of every route but create, to which the published contract allows fewer. */
const OF_ALL = /** @type {const} */ (['auth_blocked', 'not_found', 'internal']);
const OF_TOKENS = /** @type {const} */ ([
  'invalid_challenge_token',
  'expired_challenge_token',
  'token_mismatch',
]);

const HANDLE = [{ cookie: [] }, { header: [] }];
const TOKEN = 'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.e30.c2ln';
const PHONE = { type: 'phone_number', value: '+33612345678' };
const EMAIL = { type: 'email_address', value: 'ada@example.com' };

/** @param {string} schema @param {Record<string, object>} bodies @param {boolean} [required] */
const body = (schema, bodies, required = true) => ({
  required,
  content: {
    'application/json': {
      schema: ref(`schemas/${schema}`),
      examples: Object.fromEntries(
        Object.entries(bodies).map(([name, value]) => [name, { value }]),
      ),
    },
  },
});

const create = {
  operationId: 'otpCreate',
  tags: ['Verification'],
  summary: 'Create a verification and send its code',
  description:
    'Each create makes a new handle. A client that repeats a create gets a limit, not a second message.',
  security: [],
  parameters: [ref('parameters/Language'), ref('parameters/DeviceId')],
  requestBody: body('CreateRequest', {
    phone: { identifier: PHONE },
    email: { identifier: EMAIL, dispatch_id: '01JE2M4Q5ZK8' },
    pkce: {
      identifier: EMAIL,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    },
    stepUp: { challenge_token: TOKEN },
    stepUpWithRecipient: { challenge_token: TOKEN, identifier: PHONE },
  }),
  responses: answers(204, successes.created, [
    'bad_request',
    ...OF_TOKENS,
    'auth_blocked',
    'rate_limited',
    'internal',
  ]),
};

const retry = {
  operationId: 'otpRetry',
  tags: ['Verification'],
  summary: 'Send the code again',
  description:
    'Sends the same code. It neither extends the verification nor allows more wrong codes. Without a content type, the handle must come in the header, or the request must come from no page or from an allowed one.',
  security: HANDLE,
  parameters: [ref('parameters/DeviceId')],
  requestBody: body('RetryRequest', { empty: {} }, false),
  responses: answers(204, successes.sentAgain, [
    'bad_request',
    'unauthorized',
    ...OF_ALL,
    'rate_limited',
  ]),
};

const check = {
  operationId: 'otpCheck',
  tags: ['Verification'],
  summary: 'Check a code',
  description:
    'Returns a token for the endpoint of the host that redeems it. Of many correct codes at once, one succeeds.',
  security: HANDLE,
  parameters: [ref('parameters/Dpop')],
  requestBody: body('CheckRequest', {
    standalone: { code: '123456' },
    stepUp: { code: '123456', challenge_token: TOKEN },
  }),
  responses: answers(200, successes.verified, [
    'bad_request',
    ...OF_TOKENS,
    'bad_check_code',
    'unauthorized',
    ...OF_ALL,
    'token_reused',
    'rate_limited',
  ]),
};

const status = {
  operationId: 'otpStatus',
  tags: ['Verification'],
  summary: 'Read the state of a verification',
  description: 'For a page that was reloaded. It counts as neither a send nor a wrong code.',
  security: HANDLE,
  responses: answers(200, successes.status, ['unauthorized', ...OF_ALL]),
};

const jwks = {
  operationId: 'otpKeys',
  tags: ['Keys'],
  summary: 'Read the public keys',
  description: 'The keys that verify the tokens of this service (RFC 7517).',
  security: [],
  responses: answers(200, successes.keys, OF_ALL),
};

/** @param {'get' | 'post'} method @param {{ operationId: string, tags: string[] }} operation */
const route = (method, operation) => ({
  [method]: operation,
  options: {
    operationId: `${operation.operationId}Preflight`,
    tags: operation.tags,
    summary: 'CORS preflight',
    security: [],
    responses: {
      204: ref('responses/Preflight'),
      403: ref('responses/AuthBlocked'),
      405: ref('responses/WrongMethod'),
    },
  },
});

export const document = {
  openapi: '3.1.1',
  info: {
    title: 'One-time passcodes',
    version: '1.0.0',
    description: DESCRIPTION,
    contact: { name: author, url: repository },
    license: { name: license, identifier: license },
  },
  servers: [
    {
      url: 'https://{host}',
      description: 'The host that mounts the service',
      variables: {
        host: { default: 'api.example.com', description: 'Its name, perhaps with a port' },
      },
    },
  ],
  tags: [
    { name: 'Verification', description: 'Send a code and check it' },
    { name: 'Keys', description: 'Verify the tokens' },
  ],
  paths: {
    [MOUNT]: route('post', create),
    [`${MOUNT}/retry`]: route('post', retry),
    [`${MOUNT}/check`]: route('post', check),
    [`${MOUNT}/status`]: route('get', status),
    [`${MOUNT}/jwks.json`]: route('get', jwks),
  },
  components: {
    securitySchemes: {
      cookie: {
        type: 'apiKey',
        in: 'cookie',
        name: '__verification-login_{app_id}',
        description:
          'With transport `cookie` or `both`. `{app_id}` is the id of the app; the host may have chosen the prefix `__Host-verification-login_`.',
      },
      header: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Verification-Token',
        description:
          'With transport `header` or `both`: the value that create returned in the header of this name. It precedes the cookie.',
      },
    },
    parameters: {
      DeviceId: {
        name: 'X-Device-Id',
        in: 'header',
        description: 'An id of the device, for the guard of the host.',
        schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
      },
      Dpop: {
        name: 'DPoP',
        in: 'header',
        description:
          'A proof (RFC 9449) whose `jti` is that of the challenge token. Required if the challenge token has `cnf.jkt`.',
        schema: { type: 'string' },
      },
      Language: {
        name: 'Accept-Language',
        in: 'header',
        description: 'The language of the message.',
        schema: { type: 'string' },
        example: 'fr-CH, fr;q=0.9',
      },
    },
    headers,
    responses,
    examples,
    schemas,
  },
};
