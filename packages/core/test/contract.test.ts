import { byDepth } from '@otp/test/depth';
import { Tally } from '@otp/test/generators/property';
import { api as ours, readOpenApi, resolve } from '@otp/test/oracles/openapi';
import { type ExchangeRequest, type ExchangeResponse, headerValues, post } from '@otp/testing';
import {
  answerOf,
  EMAIL,
  limitBothFlows,
  PHONE,
  type ScenarioOptions,
  setUp,
  type TestKit,
  times,
} from '@otp/testing/internal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SendError } from '../src/lib/ports.js';

/** The published contract of create, as its owner wrote it; our answers are held against it. */
const { api, compile } = readOpenApi(new URL('create-otp.openapi.yaml', import.meta.url));
const operation = api.paths['/v1/session/otp'].post;

const isRequest = compile(operation.requestBody.content['application/json'].schema);

/** The schemas of one status, each by itself: `oneOf` and the bare ones are taken alike. */
function bodySchemas(status: number): { readonly $ref: string }[] {
  const schema = operation.responses[status].content['application/json'].schema;
  return schema.oneOf ?? [schema];
}

function matchesOf(status: number, body: unknown): number {
  return bodySchemas(status).filter((schema) => compile(schema)(body)).length;
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
  expect(matchesOf(status, value), body).toBe(1);
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

  test('is what our own document says of create, which adds 429 for hosts that opt in', () => {
    const own = ours.paths['/v1/session/otp'].post;
    expect(own.operationId).toBe(operation.operationId);
    expect(own.requestBody.required).toBe(operation.requestBody.required);
    const types = Object.keys(operation.requestBody.content);
    expect(Object.keys(own.requestBody.content)).toEqual(types);
    expect(Object.keys(own.responses)).toEqual(['204', '400', '403', '429', '500']);
    expect(Object.keys(own.responses['204'].headers)).toContain('Set-Cookie');
    for (const status of [400, 403, 500]) {
      const { schema, examples } = resolve(own.responses[status]).content['application/json'];
      const refs = (schema.oneOf ?? [schema]).map(({ $ref }: { $ref: string }) => $ref);
      expect(refs.toSorted()).toEqual(
        bodySchemas(status)
          .map(({ $ref }) => $ref)
          .toSorted(),
      );
      for (const example of Object.values(examples)) {
        expect(matchesOf(status, resolve(example).value)).toBe(1);
      }
    }
    const { examples } = own.requestBody.content['application/json'];
    for (const { value } of Object.values<{ value: unknown }>(examples)) {
      expect(isRequest(value)).toBe(true);
    }
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

  test('answers every request that the document allows with what it lists', async () => {
    const { issuer: testIssuer, challenge } = setUp();
    const token = challenge();
    const allowed = arbitraryOf(operation.requestBody.content['application/json'].schema, {
      challenge_token: [token, token, `${token}x`],
      value: [PHONE.identifier.value, EMAIL.identifier.value, '+33 6 12 34 56 78'],
      login_config_id: ['text'],
    });
    const met = new Tally();
    const property = fc.asyncProperty(allowed, async (body) => {
      expect(isRequest(body)).toBe(true);
      const t = setUp({
        testIssuer,
        loginConfigs: { text: { channel: 'sms', flows: ['standalone', 'step-up'] } },
      });
      const response = await t.create(body);
      expectListed(response);
      met.count(answerOf(response));
    });
    await fc.assert(property, { numRuns: byDepth({ quick: 300, full: 2_000 }) });
    const answers = ['204', 'bad_request', 'invalid_challenge_token', 'token_mismatch'];
    for (const answer of answers) expect(met.met).toContain(answer);
  }, 120_000);
});

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly { readonly required: readonly string[] }[];
}

/** Values of a schema of the document: every combination of members, its examples, and among strings also `known` ones. */
function arbitraryOf(
  schema: Schema,
  known: Readonly<Record<string, readonly string[]>>,
  name = '',
): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    return arbitraryOf(api.components.schemas[schema.$ref.split('/').at(-1) ?? ''], known, name);
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === 'string') {
    const values = [...(schema.examples ?? []), ...(known[name] ?? [])];
    return fc.oneof(
      { weight: 19, arbitrary: fc.constantFrom(...values) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    );
  }
  const members: Readonly<Record<string, fc.Arbitrary<unknown>>> = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([member, each]) => [
      member,
      arbitraryOf(each, known, member),
    ]),
  );
  const alternatives = schema.anyOf ?? [{ required: schema.required ?? [] }];
  const objects = alternatives.map(({ required }) =>
    fc.record(members, { requiredKeys: [...required] }),
  );
  return fc.oneof(...objects);
}
