import {
  createTestSender,
  type ExchangeResponse,
  type Header,
  headerValues,
  post,
} from '@otp/testing';
import {
  answerOf,
  EMAIL,
  fastestMs,
  PHONE,
  setUp,
  type TestKit,
  times,
  toOtpRequest,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { SendError } from '../src/lib/ports.js';

const POST_ROUTES = ['/', '/retry', '/check'];
const ROUTES_WITH_BODY = ['/', '/check'];

/** Each body on create and on check, with the cookie of a live verification whose guesses stay as they are. */
async function expectBadRequests(t: TestKit, bodies: readonly (string | Uint8Array)[]) {
  const cookie = await t.open();
  await t.untouched(async () => {
    for (const path of ROUTES_WITH_BODY) {
      for (const body of bodies) {
        const response = await t.exchange(post(path, body, { cookie }));
        expect([path, String(body).slice(0, 80), answerOf(response)]).toEqual([
          path,
          String(body).slice(0, 80),
          'bad_request',
        ]);
        expect(JSON.parse(response.body).message).toMatch(/./);
      }
    }
  });
  expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
}

describe('B01', () => {
  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'])(
    '%s on a POST route is 405 with Allow, and no body for HEAD [B01]',
    async (method) => {
      const t = setUp();
      await t.untouched(async () => {
        for (const path of POST_ROUTES) {
          const response = await t.exchange({ ...post(path, EMAIL), method });
          expect(response.status).toBe(405);
          expect(headerValues(response, 'allow')).toEqual(['POST']);
          if (method === 'HEAD') expect(response.body).toBe('');
          else expect(answerOf(response)).toBe('bad_request');
        }
      });
    },
  );
});

describe('B02', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    null,
    '',
    'application/json, application/json',
    'application/json; charset=utf-8, text/plain',
    'application/json garbage',
    'application/json\ttext/plain',
    'application/json;charset=utf-16',
    'application/json; charset',
    'application/jsonx',
    'application/json+x',
    'text/json',
    ' application/json x',
  ])('CVE-2022-41919 valid JSON as %s is refused before any limit [B02]', async (contentType) => {
    const t = setUp();
    await t.untouched(async () => {
      for (const path of POST_ROUTES) {
        const response = await t.exchange(post(path, EMAIL, { contentType }));
        expect([path, answerOf(response)]).toEqual([path, 'bad_request']);
      }
    });
  });

  test('two Content-Type fields are refused, also when both say JSON [B02]', async () => {
    const t = setUp();
    await t.untouched(async () => {
      for (const contentType of ['application/json', 'application/json; charset=utf-8']) {
        for (const second of ['application/json', 'text/plain']) {
          const headers: Header[] = [['content-type', second]];
          const response = await t.create(EMAIL, { contentType, headers });
          expect([contentType, second, answerOf(response)]).toEqual([
            contentType,
            second,
            'bad_request',
          ]);
        }
      }
    });
  });

  test.each([
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json ; charset=utf8',
    'APPLICATION/JSON',
    'application/json;',
  ])('%s is JSON [B02]', async (contentType) => {
    const t = setUp();
    expect((await t.create(EMAIL, { contentType })).status).toBe(204);
  });
});

describe('B03', () => {
  test('8 KiB are taken, one byte more is refused [B03]', async () => {
    const t = setUp();
    const text = JSON.stringify(EMAIL);
    expect((await t.create(text.padEnd(8192))).status).toBe(204);
    await t.untouched(async () => {
      expect(answerOf(await t.create(text.padEnd(8193)))).toBe('bad_request');
    });
  });

  test.each(['gzip', 'deflate', 'br', 'identity, gzip', 'x'])(
    'a body in the coding %s is refused unread [B03]',
    async (coding) => {
      const t = setUp();
      const request = post('/', EMAIL, { headers: [['content-encoding', coding]] });
      let reads = 0;
      const body = async () => {
        reads += 1;
        return '';
      };
      const response = await t.service.handle({ ...toOtpRequest(request), body });
      expect(response.status).toBe(400);
      expect(reads).toBe(0);
    },
  );
});

describe('B04', () => {
  test('what is not one JSON object in UTF-8 is refused on create and check [B04]', async () => {
    await expectBadRequests(setUp(), [
      '',
      ' ',
      'null',
      '[]',
      `[${JSON.stringify(EMAIL)}]`,
      '"x"',
      '1',
      'true',
      '{}',
      `${JSON.stringify(EMAIL)}${JSON.stringify(EMAIL)}`,
      `${JSON.stringify(EMAIL)} x`,
      `${JSON.stringify(EMAIL)},`,
      "{'identifier':1}",
      `\ufeff${JSON.stringify(EMAIL)}`,
      Buffer.from(`${JSON.stringify(EMAIL)}`, 'utf16le'),
    ]);
  });

  test('bytes that are not UTF-8 are refused [B04]', async () => {
    const around = (bytes: number[]) =>
      Buffer.concat([
        Buffer.from(
          '{"code":"123456","identifier":{"type":"email_address","value":"a@b.co"},"x":"',
        ),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
    // A lone byte, an overlong slash, a surrogate, beyond Unicode, a cut sequence.
    const sequences = [
      [0xff],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ];
    await expectBadRequests(setUp(), sequences.map(around));
  });

  test('a lone surrogate or a NUL in any value is refused [B04]', async () => {
    const texts = ['\\ud800', '\\udc00x', '\\u0000', 'a\\u0000@b.co'];
    await expectBadRequests(
      setUp(),
      texts.flatMap((text) => [
        `{"code":"123456","identifier":{"type":"email_address","value":"${text}"}}`,
        `{"code":"123456","identifier":{"type":"email_address","value":"a@b.co"},"note":["${text}"]}`,
      ]),
    );
  });

  test('a member that is there twice is refused, however it is spelled [B04]', async () => {
    const identifier = '"identifier":{"type":"email_address","value":"a@b.co"}';
    await expectBadRequests(setUp(), [
      `{"code":"123456","code":"123456",${identifier}}`,
      `{"code":"123456",${identifier},"c\\u006fde":"654321"}`,
      `{"code":"123456",${identifier},${identifier}}`,
      '{"code":"123456","identifier":{"type":"email_address","value":"a@b.co","value":"c@d.eu"}}',
      `{"code":"123456",${identifier},"list":[{"a:":1,"a:":2}]}`,
    ]);
  });
});

describe('B05', () => {
  test('2,000 levels and 17 members are refused in under 5 ms on create and check [B05]', async () => {
    const deep = '{"a":'.repeat(999);
    const bodies = [
      `{"x":${'['.repeat(2000)}${']'.repeat(2000)}}`,
      `{"x":${deep}1${'}'.repeat(999)}}`,
      JSON.stringify({
        ...EMAIL,
        code: '123456',
        ...Object.fromEntries(times(15, (n) => [`m${n}`, n])),
      }),
    ];
    const t = setUp();
    await expectBadRequests(t, bodies);
    const cookie = await t.open(PHONE);
    for (const path of ROUTES_WITH_BODY) {
      for (const body of bodies) {
        const request = post(path, body, { cookie });
        expect(await fastestMs(() => t.exchange(request))).toBeLessThan(15);
      }
    }
  });

  test('16 members are taken, and the ones that we do not know are ignored [B05]', async () => {
    const t = setUp();
    const more = Object.fromEntries(times(15, (n) => [`m${n}`, n]));
    expect((await t.create({ ...EMAIL, ...more })).status).toBe(204);
  });
});

describe('B06', () => {
  test('names that reach a prototype are refused at any depth and in any spelling [B06]', async () => {
    const names = ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'c\\u006fnstructor'];
    const identifier = '"identifier":{"type":"email_address","value":"a@b.co"}';
    await expectBadRequests(
      setUp(),
      names.flatMap((name) => [
        `{"code":"123456",${identifier},"${name}":1}`,
        `{"code":"123456",${identifier},"${name}":{"identifier":{}}}`,
        `{"code":"123456",${identifier},"a":[{"b":{"${name}":null}}]}`,
        `{"code":"123456","identifier":{"type":"email_address","value":"a@b.co","${name}":{}}}`,
      ]),
    );
    expect(Object.hasOwn(Object.prototype, 'identifier')).toBe(false);
  });
});

describe('B07', () => {
  test.each([
    [[]],
    [['user@example.com']],
    ['user@example.com'],
    [1],
    [null],
    [{}],
    [{ type: 'email_address' }],
    [{ value: 'user@example.com' }],
    [{ type: ['email_address'], value: 'user@example.com' }],
    [{ type: 'EMAIL_ADDRESS', value: 'user@example.com' }],
    [{ type: 'email', value: 'user@example.com' }],
    [{ type: 'email_address', value: ['user@example.com'] }],
    [{ type: 'email_address', value: '' }],
    [{ type: 'email_address', value: null }],
    [{ type: 'phone_number', value: 33612345678 }],
    [{ type: 'toString', value: 'user@example.com' }],
  ])('the identifier %j is refused [B07]', async (identifier) => {
    const t = setUp();
    await t.untouched(async () => {
      const response = await t.create({ identifier });
      expect(answerOf(response)).toBe('bad_request');
      expect(JSON.parse(response.body).message).toMatch(/^identifier/);
      expect(response.body).not.toContain('user@');
    });
  });

  test.each(['challenge_token', 'dispatch_id', 'login_config_id'])(
    '%s that is null, empty or no text is refused, also beside a good identifier [B07]',
    async (member) => {
      const t = setUp();
      await t.untouched(async () => {
        for (const value of [null, '', 1, true, [], ['x'], {}]) {
          const response = await t.create({ ...EMAIL, [member]: value });
          expect([value, answerOf(response)]).toEqual([value, 'bad_request']);
          expect(JSON.parse(response.body).message).toMatch(new RegExp(`^${member}`));
        }
      });
    },
  );
});

describe('B08', () => {
  test.each([
    ['a\r\nset-cookie: x=1'],
    ['x'.repeat(129)],
    [{ id: 'x' }],
    ['a b'],
    ['é'],
    ['a/b'],
    ['a\u0000'],
  ])('the dispatch_id %j is refused and echoed nowhere [B08]', async (dispatch_id) => {
    const t = setUp();
    await t.untouched(async () => {
      const response = await t.create({ ...EMAIL, dispatch_id });
      expect(answerOf(response)).toBe('bad_request');
      expect(response.headers.map(([name]) => name).sort()).toEqual([
        'cache-control',
        'content-type',
        'x-content-type-options',
      ]);
      expect(JSON.parse(response.body).message).toMatch(
        /^(?:dispatch_id: must be|body: has a NUL)/,
      );
      expect(response.body).not.toContain(JSON.stringify(dispatch_id).slice(1, -1));
    });
  });

  test('128 of the allowed characters reach the sender as they are [B08]', async () => {
    const t = setUp();
    const dispatch_id = 'aZ09_.:-'.repeat(16);
    expect((await t.create({ ...EMAIL, dispatch_id })).status).toBe(204);
    expect(t.sender.messages[0]?.dispatchId).toBe(dispatch_id);
  });
});

describe('B09', () => {
  const INTERNAL = '{"code":"internal","type":"internal"}';
  const secret = () => {
    throw new Error('lost the secret plan', { cause: new Error('root of all evil') });
  };

  /** The client learns nothing, the host everything. */
  function expectFault(t: TestKit, response: ExchangeResponse, during: string) {
    expect([response.status, response.body]).toEqual([500, INTERNAL]);
    expect(response.headers.flat().join()).not.toMatch(/secret|evil/);
    expect(headerValues(response, 'set-cookie')).toEqual([]);
    expect(t.events.filter(({ type }) => type === 'fault').at(-1)).toMatchObject({
      during,
      error: {
        message: 'lost the secret plan',
        stack: expect.stringContaining('\n    at '),
        cause: { message: 'root of all evil', stack: expect.stringContaining('\n    at ') },
      },
    });
  }

  test.each([
    ['guard', { guard: secret }],
    ['findRecipient', { findRecipient: secret }],
    ['session', { session: secret }],
    ['randomness', { randomness: { bytes: secret, int: secret } }],
  ] as const)(
    'what the %s throws is internal, and only the event has it [B09]',
    async (_, options) => {
      const t = setUp(options);
      expectFault(t, await t.create({ challenge_token: t.challenge() }), 'create');
      t.assertEffects({ stored: 0, sent: 0 });
    },
  );

  test('a clock that throws is internal on every route that asks it [B09]', async () => {
    const t = setUp({ now: secret });
    for (const [path, during] of [
      ['/', 'create'],
      ['/retry', 'retry'],
      ['/check', 'check'],
    ] as const) {
      expectFault(t, await t.exchange(post(path, { ...EMAIL, code: '123456' })), during);
    }
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('a store that throws is internal on every route that asks it [B09]', async () => {
    const t = setUp();
    const cookie = await t.open();
    t.store.fail(new Error('lost the secret plan', { cause: new Error('root of all evil') }));
    expectFault(t, await t.create(PHONE), 'create');
    expectFault(t, await t.check(cookie, '123456'), 'check');
    expectFault(t, await t.retry(cookie), 'retry');
    t.assertEffects({ stored: 1, sent: 1 });
  });

  test('a message that cannot be written is internal, and leaves nothing behind [B09]', async () => {
    const sender = createTestSender();
    const t = setUp({ testSender: sender, channels: { email: { sender, message: secret } } });
    const response = await t.create(EMAIL);
    expectFault(t, response, 'delivery');
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test('a body that fails while it is read is internal [B09]', async () => {
    const t = setUp();
    const body = async () => secret();
    const response = await t.service.handle({ ...toOtpRequest(post('/', EMAIL)), body });
    expectFault(t, { ...response, body: response.body ?? '' }, 'create');
  });

  test('a listener that throws or rejects changes no answer [B09]', async () => {
    for (const onEvent of [secret, async () => secret()]) {
      const t = setUp({ onEvent });
      expect((await t.create(EMAIL)).status).toBe(204);
      expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    }
  });

  test('an error that carries the recipient reaches the event without it [B09]', async () => {
    const t = setUp();
    t.sender.fail(new SendError('unavailable', 'could not reach user@example.com with 123456'));
    expect(answerOf(await t.create(EMAIL))).toBe('internal');
    const text = JSON.stringify(t.events);
    expect(text).toContain('could not reach');
    expect(text).not.toContain('user@example.com');
    expect(text).not.toContain('123456');
  });
});

describe('B10', () => {
  const origins = ['https://app.example.com'];

  test.each([
    'https://evil.example',
    'null',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'https://app.example.com/',
    'https://app.example.com.evil.example',
    '',
  ])('the origin %j is refused, and not echoed [B10]', async (origin) => {
    const t = setUp({ origins });
    await t.untouched(async () => {
      for (const path of POST_ROUTES) {
        const response = await t.exchange(post(path, EMAIL, { headers: [['origin', origin]] }));
        expect(answerOf(response)).toBe('auth_blocked');
        expect(headerValues(response, 'access-control-allow-origin')).toEqual([]);
        expect(headerValues(response, 'vary')).toEqual(['Origin']);
      }
    });
  });

  test('two Origin fields are refused, also when one is listed [B10]', async () => {
    const t = setUp({ origins });
    const headers: Header[] = [
      ['origin', 'https://app.example.com'],
      ['origin', 'https://evil.example'],
    ];
    await t.untouched(async () => {
      const response = await t.create(EMAIL, { headers });
      expect(answerOf(response)).toBe('auth_blocked');
      expect(headerValues(response, 'access-control-allow-origin')).toEqual([]);
    });
  });

  test('a native client without an Origin is let in, a listed one is echoed with credentials [B10]', async () => {
    const t = setUp({ origins });
    expect((await t.create(EMAIL)).status).toBe(204);
    const listed = await t.create(PHONE, { headers: [['origin', 'https://app.example.com']] });
    expect(listed.status).toBe(204);
    expect(headerValues(listed, 'access-control-allow-origin')).toEqual(origins);
    expect(headerValues(listed, 'access-control-allow-credentials')).toEqual(['true']);
    expect(headerValues(listed, 'vary')).toEqual(['Origin']);
  });
});

describe('B11', () => {
  const inDigits = (code: string, zero: string) =>
    code.replace(/./g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));

  test.each([
    ['Arabic-Indic digits', (code: string) => inDigits(code, '٠')],
    ['Persian digits', (code: string) => inDigits(code, '۰')],
    ['Devanagari digits', (code: string) => inDigits(code, '०')],
    ['full-width digits', (code: string) => inDigits(code, '０')],
    ['dashes', (code: string) => `${code.slice(0, 3)}\u2013${code.slice(3)}\u2212`],
    ['white space', (code: string) => `\u00a0${code.slice(0, 3)}\t${code.slice(3)}\r\n`],
    [
      'invisible characters',
      (code: string) => `\u200f${code.slice(0, 2)}\u200b${code.slice(2)}\ufe0f`,
    ],
  ])('a code with %s is the same guess as in ASCII [B11]', async (_, spell) => {
    const t = setUp();
    const cookie = await t.open();
    const wrong = await t.check(cookie, spell(t.wrongCode()));
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
    expect(answerOf(await t.check(cookie, spell(t.code())))).toBe('200');
  });

  test('letters and digits of several scripts are a bad request, and count no try [B11]', async () => {
    const t = setUp();
    const cookie = await t.open();
    const code = t.code();
    await t.untouched(async () => {
      for (const typed of [
        `${code.slice(1)}a`,
        `${code.slice(1)}٣`,
        `${code.slice(1)}Ⅳ`,
        'a'.repeat(6),
      ]) {
        expect(answerOf(await t.check(cookie, typed))).toBe('bad_request');
      }
    });
    expect(answerOf(await t.check(cookie, code))).toBe('200');
  });
});
