import { createTestIssuer, fastestMs, signCompact } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { normalizeIdentifier } from '../identifier/identifier.js';
import { describeError, redact } from './redact.js';

const issuer = createTestIssuer('https://issuer.example');
const JWT = signCompact({ alg: 'EdDSA' }, { sub: 'user-1' }, issuer.privateKey);
const TOKEN = Buffer.alloc(32, 0xa7).toString('base64url');

const MAX_TEXT = 4_000;

describe('redact', () => {
  it.each([
    ['a code', 'your code is 123456.', '123456'],
    ['a code of 10 digits', '0123456789 is your code', '0123456789'],
    ['a code in quotes', '{"code":"654321"}', '654321'],
    ['a grouped code', 'code 123 456', '123 456'],
    ['a code with a hyphen', 'code 123-456', '123-456'],
    ['a phone number', 'to +33612345678 failed', '33612345678'],
    ['a phone number in groups', 'to +33 6 12 34 56 78 failed', '12 34 56'],
    ['a phone number with dots', '+33.6.12.34.56.78', '12.34.56'],
    ['a phone number with hyphens', '+1-415-555-0100', '555-0100'],
    ['a phone number with brackets', '+1 (415) 555-0100', '555-0100'],
    ['a phone number in a URL', 'https://api.example/Messages?To=%2B33612345678', '33612345678'],
    ['a WhatsApp address', 'whatsapp:+33612345678', '33612345678'],
    ['an e-mail address', 'no such user: some.body@example.com', 'some.body'],
    ['a tagged e-mail address', '550 <some+tag@mail.example.co.uk>', 'some+tag'],
    ['an e-mail address with an apostrophe', "o'hara@example.com bounced", 'hara@'],
    ['an encoded e-mail address', 'https://api.example/?to=some.body%40example.com', 'some.body'],
    ['a JWT', `token ${JWT} refused`, JWT.slice(0, 30)],
    ['the signature of a JWT', `token ${JWT} refused`, JWT.slice(-30)],
    ['a cookie', `cookie: __verification-login_app=${TOKEN}`, TOKEN],
    [
      'a long token without digits',
      `cookie ${'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmNoPq'}`,
      'aBcDeFgHiJ',
    ],
    ['a key in hexadecimal', `key ${Buffer.alloc(32, 0x1f).toString('hex')}`, '1f1f1f1f'],
    ['an IPv4 address', 'connect ECONNREFUSED 203.0.113.77:443', '203.0.113.77'],
    ['an IPv4 address of few digits', 'from 8.8.4.4:443', '8.8.4.4'],
    ['an IPv4 address in IPv6', 'from ::ffff:1.2.3.4', '1.2.3.4'],
    ['an IPv6 address', 'from 2001:db8:1:2:3:4:5:6', '2001:db8'],
    ['a short IPv6 address', 'from 2001:db8::1', '2001:db8'],
  ])('cuts out %s [P01]', (_, text, secret) => {
    expect(text).toContain(secret);
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('[redacted]');
  });

  it.each([
    '2001:db8:1:2:3:4:5:6',
    '2001:0db8:0001:0002:0003:0004:0005:0006',
    'fe80::1ff:fe23:4567:890a',
    '2001:db8::1:2',
    '2001:db8::',
    '2001::1',
    '::1',
    '::ffff:203.0.113.77',
    '203.0.113.177',
    '8.8.4.4',
    'abcdefgh.abcdefgh.abcdefgh',
    'header01.payload-of-a-token.signature_of_a_token',
    "o'some.body+tag@mail.example.co.uk",
  ])('leaves nothing of %s [P01]', (secret) => {
    expect(redact(`from ${secret} here`)).toMatch(/^from (?:\[redacted\]'?)+ here$/);
  });

  it.each([
    'victim@b.c',
    'victim@example.x1',
    'victim@example.1x',
    'victim@1.2.3-x',
    'victim@example.a-b',
    'victim@example.xn--p1ai',
    'victim@xn--e1afmkfd.xn--80asehdb',
    '123456@example.com',
    `${'x'.repeat(64)}@example.com`,
    `victim@${'x'.repeat(63)}.com`,
    'aaaaaaaa.bbbbbbbb.cccccccc@example.com',
  ])('leaves nothing of a recipient that is taken: %s [P01]', (value) => {
    expect(normalizeIdentifier({ type: 'email_address', value }).ok).toBe(true);
    for (const text of [value, value.replace('@', '%40'), value.toUpperCase()]) {
      expect(redact(`from ${text} here`)).toBe('from [redacted] here');
      expect(redact(`<${text}>: unknown`)).toBe('<[redacted]>: unknown');
      expect(redact(`unknown: ${text}.`)).toBe('unknown: [redacted].');
    }
  });

  it.each([
    ['of a query', 'a@b.com&cc=victim@example.com'],
    ['of an encoded query', 'a%40b.com&cc=victim%40example.com'],
    ['with a slash between', 'a@b.com/victim@example.com'],
    ['after a version', 'sender@1.2.3+victim@example.com'],
    ['in letters of its own', 'victim@пример.рф'],
  ])('cuts out an address %s [P01]', (_, text) => {
    expect(redact(text)).toMatch(/^(?:sender@)?\[redacted\]$/);
  });

  it('cuts out user and password of URLs, also of hosts without a dot [P01]', () => {
    const text =
      'postgres://app:secret@localhost/db and redis://:secret@cache:6379,redis://secret@10.db:1';
    expect(redact(text)).toBe(
      'postgres://[redacted]@localhost/db and redis://[redacted]@cache:6379,redis://[redacted]@10.db:1',
    );
    expect(redact('amqp://app:se@cr@et@db.example.com/x')).toBe(
      'amqp://[redacted]@db.example.com/x',
    );
  });

  it.each([
    ['a no-break space', '\u00a0'],
    ['a narrow no-break space', '\u202f'],
    ['a thin space', '\u2009'],
    ['an underscore', '_'],
    ['a no-break hyphen', '\u2011'],
    ['a dash', '\u2013'],
    ['a soft hyphen', '\u00ad'],
    ['a zero-width space', '\u200b'],
  ])('cuts out a code and a number that are grouped by %s [P01]', (_, by) => {
    expect(redact(`code 123${by}456 is`)).toBe('code [redacted] is');
    const number = ['+33', '6', '12', '34', '56', '78'].join(by);
    expect(redact(`to ${number} failed`)).toBe('to [redacted] failed');
  });

  it.each([
    '+33/6/12/34/56/78',
    '06/12/34/56/78',
    '0171/2345678',
    '+49 (0) 171/234 56-78',
    '+1/415/555',
  ])('cuts out a phone number that is grouped by slashes: %s [P01]', (number) => {
    expect(redact(`to ${number} failed`)).toBe('to [redacted] failed');
  });

  it.each([
    'at 10:20:30',
    'at 10:20:30.123 of 24:00',
    'node 20.19.0, 22.1 and 24',
    'typescript@6.0.3 and @scope/name@10.20.3',
    'actions/checkout@v4.2.1',
    'https://registry.example/@scope/name and file:///srv/ioredis@6/index.js',
    'pool 1000/2000',
    'step 3/4, page 10/20/30',
    'an @ alone, a@ and @b.c',
    'key_1_of_2',
    'connect ECONNREFUSED',
    'Request failed with status code 404',
    'timeout of 3000 ms exceeded',
    'the store took longer than 2000 ms',
    'duplicate key value violates unique constraint "otp_records_pkey"',
    'READONLY You can not write against a read only replica.',
    'Cannot read properties of undefined (reading "send")',
    'TooManyRequestsException: rate exceeded',
    'SQLSTATE 40001',
    '',
  ])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)',
    '    at async send (/srv/app/node_modules/@scope/some-mail-client/dist/index.js:1234:56)',
    '    at file:///srv/app/node_modules/.pnpm/ioredis@6.0.0/node_modules/ioredis/built/Redis.js:613:25',
    '    at Object.<anonymous> (/home/user/project-2026/packages/core/src/lib/deliver.ts:61:20)',
    '    at C:\\\\app\\\\node_modules\\\\pg\\\\lib\\\\client.js:526:17',
  ])('leaves a stack frame useful: %s', (frame) => {
    expect(redact(frame)).toBe(frame);
  });

  it('leaves a stack frame useful where a version could be the host of a recipient', () => {
    const frame =
      '    at f (/srv/.pnpm/next@16.0.0-canary.a/node_modules/next/dist/server.js:12:5)';
    expect(redact(frame)).toBe('    at f ([redacted]/node_modules/next/dist/server.js:12:5)');
  });

  it('keeps 4,000 characters', () => {
    const text = 'word '.repeat(MAX_TEXT / 5);
    expect(redact(text)).toBe(text);
    expect(redact(`${text}x`)).toBe(`${text}…`);
  });

  it('leaves no part of a token that the cut goes through [P01]', () => {
    const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl';
    for (let place = 1; place < token.length; place += 1) {
      const before = 'x '.repeat(MAX_TEXT).slice(0, MAX_TEXT - place - 1);
      expect(redact(`${before} ${token} after`)).toBe(`${before} …`);
    }
  });

  it.each([
    ...[
      'a',
      '1',
      '1 ',
      '1/',
      '1_',
      '_1',
      'a_1',
      'a@',
      'a.',
      'a@a.',
      'a@1.',
      'a%40',
      '%40',
      'a%40a.',
    ],
    ...[
      '://',
      '://a',
      '://a@',
      ':',
      'f:',
      'f::',
      '+',
      '-',
      'a-',
      'a-1.',
      'a1_-.',
      '1(',
      'aaaaaaaa.',
      'é',
      'a ',
      'a\u00a0',
    ],
  ])('works in time that grows as the text does: %j', async (unit) => {
    // With a start and an end that let the longest way fail.
    const textOf = (length: number) => {
      const repeated = unit.repeat(length / unit.length);
      return [
        repeated,
        `x@${repeated}`,
        `${repeated}!`,
        `${repeated}@`,
        `${repeated} ${'b'.repeat(MAX_TEXT)}`,
      ];
    };
    const [short, long] = [textOf(900), textOf(3_900)];
    for (const [index, text] of long.entries()) {
      const shortMs = await fastestMs(async () => redact(short[index] ?? ''));
      // Four times as long: sixteen times the work, where it grows as the square.
      expect(await fastestMs(async () => redact(text)), text.slice(0, 20)).toBeLessThan(
        9 * shortMs + 1,
      );
    }
  });
});

describe('describeError', () => {
  it('keeps name, redacted message and redacted stack', () => {
    const error = new RangeError('could not send 123456 to +33612345678');
    const described = describeError(error);
    expect(described.name).toBe('RangeError');
    expect(described.message).toBe('could not send [redacted] to [redacted]');
    expect(described.stack).toContain('redact.test.ts');
    expect(JSON.stringify(described)).not.toMatch(/123456|3361/);
  });

  it('follows causes and redacts them', () => {
    const root = new Error('to some.body@example.com');
    const error = new Error('outer', { cause: new Error('inner', { cause: root }) });
    expect(describeError(error)).toMatchObject({
      message: 'outer',
      cause: { message: 'inner', cause: { message: 'to [redacted]' } },
    });
  });

  it('leaves properties of errors out: drivers put requests there', () => {
    const error = Object.assign(new Error('failed'), {
      config: { data: 'code=123456' },
      errors: [new Error('123456')],
    });
    expect(JSON.stringify(describeError(error))).not.toContain('123456');
    expect(Object.keys(describeError(error)).toSorted()).toEqual(['message', 'name', 'stack']);
  });

  it('stops in a cycle of causes', () => {
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    const depth = (error: { cause?: unknown } | undefined): number =>
      error === undefined ? 0 : 1 + depth(error.cause as { cause?: unknown } | undefined);
    expect(depth(describeError(one))).toBeLessThan(10);
  });

  it.each([
    ['a text', 'code 123456', { name: 'string', message: 'code [redacted]' }],
    ['undefined', undefined, { name: 'undefined', message: 'undefined' }],
    ['null', null, { name: 'object', message: 'null' }],
    ['a number', 123456, { name: 'number', message: '[redacted]' }],
    ['a symbol', Symbol('x'), { name: 'symbol', message: 'Symbol(x)' }],
    ['an object', { to: '+33612345678' }, { name: 'object', message: '[object Object]' }],
  ])('describes %s that was thrown', (_, thrown, described) => {
    expect(describeError(thrown)).toEqual(described);
  });

  it.each([
    ['an object without prototype', Object.create(null)],
    [
      'an object whose toString throws',
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
    ['an error whose message is no text', Object.assign(new Error(), { message: 1 })],
    ['an error whose message is undefined', Object.assign(new Error(), { message: undefined })],
    ['an error whose name is no text', Object.assign(new Error('x'), { name: 1 })],
    ['an error whose stack is no text', Object.assign(new Error('x'), { stack: [] })],
  ])('survives %s', (_, thrown) => {
    expect(() => describeError(thrown)).not.toThrow();
  });

  it('redacts a name that holds something private', () => {
    const error = Object.assign(new Error('x'), { name: 'Failed for +33612345678' });
    expect(JSON.stringify(describeError(error))).not.toContain('33612345678');
  });

  it('tells nothing of what cannot be read', () => {
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('no');
      },
    });
    expect(describeError(hostile)).toEqual({ name: 'object', message: '[no text]' });
    expect(describeError(Object.create(null))).toEqual({ name: 'object', message: '[no text]' });
  });

  it('tells of four causes', () => {
    let error = new Error('5');
    for (const name of ['4', '3', '2', '1', '0']) error = new Error(name, { cause: error });
    const messages: string[] = [];
    for (let each: unknown = describeError(error); each !== undefined; ) {
      const { message, cause } = each as { message: string; cause?: unknown };
      messages.push(message);
      each = cause;
    }
    expect(messages).toEqual(['0', '1', '2', '3', '4']);
  });

  it('leaves out a stack that there is not', () => {
    const error = new Error('x');
    delete error.stack;
    expect(describeError(error)).toEqual({ name: 'Error', message: 'x' });
  });
});
