import { describe, expect, it } from 'vitest';
import { describeError, redact } from './events.js';

const MAX_TEXT = 4_000;

describe('redact: nothing of it stays', () => {
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
  ])('P01 %s', (secret) => {
    expect(redact(`from ${secret} here`)).toMatch(/^from (?:\[redacted\]'?)+ here$/);
  });
});

describe('redact: long texts', () => {
  it('keeps as much as it may', () => {
    const text = 'word '.repeat(MAX_TEXT / 5);
    expect(redact(text)).toBe(text);
    expect(redact(`${text}x`)).toBe(`${text}…`);
  });

  it('P01 leaves no part of a token that the cut goes through', () => {
    const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl';
    for (let place = 1; place < token.length; place += 1) {
      const before = `${'x '.repeat(MAX_TEXT)}`.slice(0, MAX_TEXT - place - 1);
      const redacted = redact(`${before} ${token} after`);
      expect(redacted).toBe(`${before} …`);
    }
  });
});

describe('describeError', () => {
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
