import { toJsonSchema } from '@valibot/to-json-schema';
import { errors, schemaName } from './errors.mjs';

const { CheckRequestSchema } = await import(
  '../../../packages/core/src/lib/request/check-request.ts'
);
const { CreateRequestSchema } = await import(
  '../../../packages/core/src/lib/request/create-request.ts'
);
const { CHANNELS } = await import('../../../packages/core/src/lib/ports.ts');
const { CODE_LENGTH } = await import('../../../packages/core/src/lib/verification/code.ts');

/** @typedef {Record<string, unknown>} Json */

/** The descriptions of the members of requests. */
const MEMBERS = {
  challenge_token:
    'The challenge token of a step-up. At create, its current step must be `verify_sms` or `verify_email`.',
  code: 'The code that the user entered: 4 to 10 digits of any script. Spaces, dashes and invisible format characters are ignored.',
  code_challenge:
    'A PKCE challenge (RFC 7636), standalone flow only. Redeeming the token of the check then requires the `code_verifier`.',
  code_challenge_method: 'The method of `code_challenge`.',
  dispatch_id: 'An id of the front end, which the guard and the sender of the host receive unread.',
  identifier: 'The recipient. Beside a challenge token, it must be the recipient of that token.',
  'identifier.type': 'The type of the recipient.',
  'identifier.value':
    'A mobile number in E.164 form, or an ASCII e-mail address whose local part has no `%`, `!`, `|`, `/`, backtick or `=?` and does not begin with `-`.',
  login_config_id:
    'The id of a configuration of the host, which must suit the flow and the recipient. Default: that of the channel.',
};

/** @type {Set<string>} */
const described = new Set();

/**
 * The schema that validates a request, with a description of each member.
 *
 * @param {Parameters<typeof toJsonSchema>[0]} schema
 */
function requestSchema(schema) {
  const { $schema: _, required, ...rest } = toJsonSchema(schema, { target: 'draft-2020-12' });
  return { ...describe(rest), ...(required?.length && { required }) };
}

/** @param {Json} schema @param {string} [prefix] @returns {Json} */
function describe(schema, prefix = '') {
  if (typeof schema.properties !== 'object' || schema.properties === null) return schema;
  const properties = Object.entries(schema.properties).map(([name, member]) => {
    const path = prefix + name;
    const description = Reflect.get(MEMBERS, path);
    if (description === undefined) {
      throw new Error(`scripts/lib/openapi/schemas.mjs: MEMBERS must describe ${path}`);
    }
    described.add(path);
    return [name, { description, ...describe(member, `${path}.`) }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** An object whose members are all required. @param {Record<string, Json>} properties */
const objectOf = (properties) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

const CheckResponse = objectOf({
  challenge_token: {
    type: 'string',
    description:
      'A signed token, which the endpoint of the host redeems once. In a step-up, the challenge with this step done.',
  },
});

const StatusResponse = objectOf({
  flow: { enum: ['standalone', 'step-up'], type: 'string', description: 'The flow.' },
  channel: {
    enum: [...CHANNELS],
    type: 'string',
    description: 'The channel of the last message.',
  },
  code_length: {
    type: 'integer',
    minimum: CODE_LENGTH.min,
    maximum: CODE_LENGTH.max,
    description: 'The number of digits of the code.',
  },
  expires_at: { type: 'string', format: 'date-time', description: 'When the verification ends.' },
  retry_after: {
    type: ['integer', 'null'],
    minimum: 0,
    description: 'Seconds until a retry is allowed; null if no send is left.',
  },
  sends_left: {
    type: 'integer',
    minimum: 0,
    description: 'How many messages can still be sent.',
  },
  attempts_left: {
    type: 'integer',
    minimum: 1,
    description: 'How many wrong codes are still allowed.',
  },
  recipient_hint: {
    type: ['string', 'null'],
    description:
      'The masked recipient, such as `+33 ••• •• 78`. Null in a step-up unless the host asks for it.',
  },
});

const KeySet = {
  type: 'object',
  required: ['keys'],
  properties: {
    keys: {
      type: 'array',
      minItems: 1,
      description: 'The public parts of all signing keys.',
      items: {
        type: 'object',
        description: 'A public Ed25519 key (RFC 8037).',
        required: ['kty', 'crv', 'x', 'kid', 'alg', 'use'],
        properties: {
          kty: { const: 'OKP' },
          crv: { const: 'Ed25519' },
          x: { type: 'string', description: 'The public key in base64url.' },
          kid: { type: 'string', description: 'The id that the header of a token names.' },
          alg: { const: 'EdDSA' },
          use: { const: 'sig' },
        },
      },
    },
  },
};

const create = requestSchema(CreateRequestSchema);

/** @param {string} name */
const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

export const schemas = {
  CreateRequest: { anyOf: [ref('StandaloneCreateRequest'), ref('StepUpCreateRequest')] },
  StandaloneCreateRequest: {
    ...create,
    description:
      'The standalone flow, unless `challenge_token` is there. Unknown members are ignored.',
    required: ['identifier'],
  },
  StepUpCreateRequest: {
    ...create,
    description: 'The step-up flow. Unknown members are ignored.',
    required: ['challenge_token'],
  },
  RetryRequest: { type: 'object', description: 'Its members are ignored.' },
  CheckRequest: {
    ...requestSchema(CheckRequestSchema),
    description: 'In a step-up, `challenge_token` is required.',
  },
  CheckResponse,
  StatusResponse,
  KeySet,
  ...Object.fromEntries(errors.map(({ code, schema }) => [schemaName(code), schema])),
};

const stale = Object.keys(MEMBERS).filter((path) => !described.has(path));
if (stale.length > 0) throw new Error(`scripts/lib/openapi/schemas.mjs: no request has ${stale}`);
