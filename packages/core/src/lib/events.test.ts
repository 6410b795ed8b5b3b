import { describe, expect, it } from 'vitest';
import { createEmitter, describeError, type OtpEvent, redact, verificationRef } from './events.js';
import { createTestIssuer, signCompact } from './testing/test-tokens.js';

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
  ])('P01 cuts out %s', (_, text, secret) => {
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
  ])('P01 leaves nothing of %s', (secret) => {
    expect(redact(`from ${secret} here`)).toMatch(/^from (?:\[redacted\]'?)+ here$/);
  });

  it.each([
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

  it('keeps 4,000 characters', () => {
    const text = 'word '.repeat(MAX_TEXT / 5);
    expect(redact(text)).toBe(text);
    expect(redact(`${text}x`)).toBe(`${text}…`);
  });

  it('P01 leaves no part of a token that the cut goes through', () => {
    const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl';
    for (let place = 1; place < token.length; place += 1) {
      const before = 'x '.repeat(MAX_TEXT).slice(0, MAX_TEXT - place - 1);
      expect(redact(`${before} ${token} after`)).toBe(`${before} …`);
    }
  });

  it('works in time that grows with the text', () => {
    for (const unit of ['a', '1', '1 ', 'a@', 'a.', 'a@a.', ':', 'f:', '+', '-', 'a-1.', '1(']) {
      const text = unit.repeat(20_000 / unit.length);
      const begin = performance.now();
      redact(text);
      expect(performance.now() - begin, unit).toBeLessThan(500);
    }
  });
});

describe('describeError', () => {
  it('keeps name, redacted message and redacted stack', () => {
    const error = new RangeError('could not send 123456 to +33612345678');
    const described = describeError(error);
    expect(described.name).toBe('RangeError');
    expect(described.message).toBe('could not send [redacted] to [redacted]');
    expect(described.stack).toContain('events.test.ts');
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

describe('createEmitter', () => {
  const event: OtpEvent = { type: 'limits_reset' };

  it('hands the event to the listener', () => {
    const events: OtpEvent[] = [];
    createEmitter((each) => events.push(each))(event);
    expect(events).toEqual([event]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
    ['never settles', () => new Promise(() => {})],
  ])('does not mind a listener that %s', async (_, listener) => {
    const rejections: unknown[] = [];
    const listen = (reason: unknown) => void rejections.push(reason);
    process.on('unhandledRejection', listen);
    try {
      expect(() => createEmitter(listener)(event)).not.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  it('does nothing without a listener', () => {
    expect(() => createEmitter(undefined)(event)).not.toThrow();
  });
});

describe('verificationRef', () => {
  it('is short, the same for one verification and another for another', () => {
    expect(verificationRef(TOKEN)).toBe(TOKEN.slice(0, 12));
    expect(verificationRef('x'.repeat(43))).not.toBe(verificationRef('y'.repeat(43)));
  });
});
