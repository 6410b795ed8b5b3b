import { readFileSync } from 'node:fs';
import { type ExchangeRequest, type ExchangeResponse, headerValues, post } from '@otp/testing';
import {
  EMAIL,
  limitBothFlows,
  PHONE,
  type ScenarioOptions,
  setUp,
  type TestKit,
  times,
} from '@otp/testing/internal';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SendError } from '../src/lib/ports.js';

/** The document as its owner published it; these tests hold our answers against it. */
const FILE = new URL('../../../docs/reference/create-otp.openapi.yaml', import.meta.url);
const api = parse(readFileSync(FILE, 'utf8'));
const operation = api.paths['/v1/session/otp'].post;

// Not strict about `required` alone: the document names its members one level up from `anyOf`.
const ajv = new Ajv2020({ strict: true, strictTypes: true, strictRequired: false });
// Where OpenAPI keeps its schemas; to a validator of JSON Schema it says nothing.
ajv.addVocabulary(['components']);
ajv.addSchema({ $id: 'https://contract.test/api', components: api.components });

function compile(schema: object) {
  const absolute = JSON.stringify(schema).replaceAll('"#/', '"https://contract.test/api#/');
  return ajv.compile(JSON.parse(absolute));
}

const isRequest = compile(operation.requestBody.content['application/json'].schema);

/** The schemas of one status, each by itself: `oneOf` and the bare ones are taken alike. */
function bodySchemas(status: number): object[] {
  const schema = operation.responses[status].content['application/json'].schema;
  return schema.oneOf ?? [schema];
}

/**
 * The published schemas require nothing, so `{}` would be valid: an answer has to match exactly one of
 * them, with both of its members there.
 */
function expectListed(response: ExchangeResponse, more: readonly number[] = []): void {
  const { status, body } = response;
  expect([204, 400, 403, 500, ...more]).toContain(status);
  const cookies = headerValues(response, 'set-cookie');
  if (status === 204) {
    expect(body).toBe('');
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(
      /^__verification-login_app=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure;/,
    );
    return;
  }
  expect(cookies).toEqual([]);
  expect(headerValues(response, 'content-type')).toEqual(['application/json']);
  const value = JSON.parse(body);
  expect(Object.keys(value).slice(0, 2)).toEqual(['code', 'type']);
  for (const [name, member] of Object.entries(value)) {
    expect(['code', 'type', 'message']).toContain(name);
    expect(typeof member).toBe('string');
  }
  if (more.includes(status)) return;
  const valid = bodySchemas(status).filter((schema) => compile(schema)(value));
  expect(valid, body).toHaveLength(1);
}

describe('the published document', () => {
  test('lists 204, 400, 403 and 500 for create, and nothing else', () => {
    expect(Object.keys(operation.responses)).toEqual(['204', '400', '403', '500']);
    expect(Object.keys(operation.responses['204'].headers)).toEqual(['Set-Cookie']);
  });

  test('has schemas that a strict validator takes and that tell our codes apart', () => {
    for (const status of [400, 403, 500]) {
      for (const schema of bodySchemas(status)) {
        expect(compile(schema)({ code: 'another', type: 'another' })).toBe(false);
      }
    }
  });

  test('gives examples of requests that are accepted', async () => {
    const { Identifier, StepUpOTPCreateRequest } = api.components.schemas;
    const { dispatch_id, login_config_id } = StepUpOTPCreateRequest.properties;
    const [loginConfigId] = login_config_id.examples;
    const request = {
      identifier: {
        type: Identifier.properties.type.examples[0],
        value: Identifier.properties.value.examples[0],
      },
      dispatch_id: dispatch_id.examples[0],
      login_config_id: loginConfigId,
    };
    expect(isRequest(request)).toBe(true);
    const t = setUp({ loginConfigs: { [loginConfigId]: { channel: 'sms' } } });
    expect((await t.create(request)).status).toBe(204);
    const [message] = t.sender.messages;
    expect(message?.to).toBe(request.identifier.value);
    expect(message?.dispatchId).toBe(request.dispatch_id);
  });

  test('gives a path and a cookie that are ours', async () => {
    expect(Object.keys(api.paths)).toEqual(['/v1/session/otp']);
    const [example] = operation.responses['204'].headers['Set-Cookie'].schema.example.split('=');
    const t = setUp();
    const [cookie = ''] = headerValues(await t.create(EMAIL), 'set-cookie');
    expect(cookie.split('=')[0]).toBe(example.replace('{app_id}', 'app'));
  });
});

/** Whether the schema allows a body, and whether create does: what it refuses may be more, never less. */
const BODIES: readonly unknown[] = [
  EMAIL,
  PHONE,
  { ...EMAIL, dispatch_id: 'd-1', unknown: { a: [1, null] } },
  { ...EMAIL, ...PHONE },
  {},
  [],
  null,
  1,
  'x',
  true,
  { identifier: null },
  { identifier: {} },
  { identifier: [] },
  { identifier: 'user@example.com' },
  { identifier: { type: 'email_address' } },
  { identifier: { value: 'user@example.com' } },
  { identifier: { type: 'email', value: 'user@example.com' } },
  { identifier: { type: 'email_address', value: 1 } },
  { identifier: { type: 'email_address', value: 'nobody' } },
  { identifier: { type: 'phone_number', value: '12' } },
  { challenge_token: '' },
  { challenge_token: 1 },
  { challenge_token: null, ...EMAIL },
  { challenge_token: 'x.y.z' },
  { challenge_token: 'x.y.z', ...EMAIL },
  { ...EMAIL, dispatch_id: 1 },
  { ...EMAIL, dispatch_id: 'é' },
  { ...EMAIL, login_config_id: {} },
  { ...EMAIL, login_config_id: 'unknown' },
  { dispatch_id: 'd-1' },
  Object.fromEntries(times(20, (n) => [`m${n}`, n])),
];

describe('create', () => {
  test.each(BODIES.map((body) => [body]))(
    'answers %j with what the document lists',
    async (body) => {
      const t = setUp();
      const response = await t.create(JSON.stringify(body));
      expectListed(response);
      if (!isRequest(body)) expect(response.status).toBe(400);
      const done = response.status === 204 ? 1 : 0;
      t.assertEffects({ stored: done, sent: done });
    },
  );

  test.each(['', '{', '{}{}', '\ufeff{}', '{"a":1,"a":2}', '{"__proto__":{}}', ' '.repeat(9000)])(
    'answers the text %j with what the document lists',
    async (text) => {
      const t = setUp();
      await t.untouched(async () => {
        const response = await t.create(text);
        expectListed(response);
        expect(response.status).toBe(400);
      });
    },
  );

  const HEADERS: readonly Partial<ExchangeRequest>[] = [
    { headers: [] },
    { headers: [['content-type', 'text/plain']] },
    {
      headers: [
        ['content-type', 'application/json'],
        ['content-encoding', 'gzip'],
      ],
    },
    {
      headers: [
        ['content-type', 'application/json'],
        ['content-length', '10000'],
      ],
    },
    {
      headers: [
        ['content-type', 'application/json'],
        ['origin', 'https://evil.example'],
      ],
    },
    {
      headers: [
        ['content-type', 'application/json'],
        ['cookie', '__verification-login_app=x'],
      ],
    },
    {
      headers: [
        ['content-type', 'application/json'],
        ['dpop', 'x'],
      ],
    },
  ];

  test.each(HEADERS)(
    'answers a request with $headers with what the document lists',
    async (more) => {
      const t = setUp({ origins: ['https://app.example.com'] });
      expectListed(await t.exchange({ ...post('/', EMAIL), ...more }));
    },
  );

  const now = () => setUp().clock.now() / 1000;
  const TOKENS: readonly [
    what: string,
    code: string | undefined,
    claims: object,
    options?: ScenarioOptions,
  ][] = [
    ['good', undefined, {}],
    ['expired', 'expired_challenge_token', { exp: now() - 100 }],
    ['too long-lived', 'invalid_challenge_token', { exp: 1e308 }],
    ["another issuer's", 'invalid_challenge_token', { iss: 'https://other.example' }],
    ["another app's", 'token_mismatch', { aud: 'other' }],
    ["another session's", 'token_mismatch', {}, { session: () => 'session-2' }],
    ['completed', 'invalid_challenge_token', { current_step: 'completed' }],
    ['without a recipient', 'invalid_challenge_token', { identifier: undefined }],
    ['of a user without a recipient', 'auth_blocked', {}, { findRecipient: () => undefined }],
    ['blocked', 'auth_blocked', {}, { guard: () => 'block' }],
  ];

  test.each(TOKENS)(
    'answers a challenge token that is %s with what the document lists',
    async (_, code, claims, options) => {
      const t = setUp(options);
      const body = { challenge_token: t.challenge({ ...claims }) };
      expect(isRequest(body)).toBe(true);
      const response = await t.create(body);
      expectListed(response);
      expect(response.body === '' ? undefined : JSON.parse(response.body).code).toBe(code);
      const done = code === undefined ? 1 : 0;
      t.assertEffects({ stored: done, sent: done });
    },
  );

  const FAULTS: readonly [what: string, breakIt: (t: TestKit) => void, code: string][] = [
    ['the store is down', (t) => t.store.fail(new Error('down')), 'internal'],
    [
      'no sender is available',
      (t) => t.sender.fail(new SendError('unavailable', 'down')),
      'internal',
    ],
    ['the sender throws', (t) => t.sender.fail('down'), 'internal'],
    [
      'the recipient is refused',
      (t) => t.sender.fail(new SendError('rejected', 'no')),
      'auth_blocked',
    ],
  ];

  test.each(FAULTS)('answers with what the document lists when %s', async (_, breakIt, code) => {
    const t = setUp();
    breakIt(t);
    for (const body of [EMAIL, { challenge_token: t.challenge() }]) {
      const response = await t.create(body);
      expectListed(response);
      expect(JSON.parse(response.body).code).toBe(code);
    }
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('answers every limit with what the document lists, and with 429 where the host opts in', async () => {
    const limits = limitBothFlows({ clientAddress: [{ max: 2, windowSeconds: 600 }] });
    for (const [limitErrorCode, more] of [
      ['auth_blocked', []],
      ['rate_limited', [429]],
    ] as const) {
      const t = setUp({ limits, limitErrorCode });
      const other = { identifier: { type: 'email_address', value: 'b@example.com' } };
      const answers = [];
      // The interval of one recipient, then the limit of one client.
      for (const body of [EMAIL, EMAIL, PHONE, other]) answers.push(await t.create(body));
      for (const response of answers) expectListed(response, more);
      const refused = more[0] ?? 403;
      expect(answers.map(({ status }) => status)).toEqual([204, refused, 204, refused]);
      const [, limited] = answers;
      expect(limited && headerValues(limited, 'retry-after')).toEqual(['30']);
      expect(JSON.parse(limited?.body ?? '')).toMatchObject({ code: limitErrorCode });
    }
  });
});
