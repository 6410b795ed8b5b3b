import { describe, expect, test } from 'vitest';
import { optionsOf, parseOptions } from '../util/schema.js';
import {
  assertService,
  basePathOption,
  defaultBasePath,
  type SessionOptions,
  sessionOption,
} from './adapter-options.js';

interface Options extends SessionOptions<string> {
  readonly basePath?: string;
}

const schema = optionsOf<Options>()({ basePath: basePathOption, session: sessionOption<string>() });

function parse(options: unknown) {
  return parseOptions(schema, options, 'mount()');
}

describe('the options of adapters', () => {
  test.each([
    [undefined, undefined],
    ['/otp', '/otp'],
    ['/api/otp/', '/api/otp'],
    ['/', ''],
  ])('resolve the base path %j to %j', (basePath, expected) => {
    expect(parse({ basePath }).basePath).toBe(expected);
  });

  test.each(['', 'otp', '//otp', '/a//b', '/otp?x', '/otp#x', '/o tp', 1])(
    'refuse the base path %j',
    (basePath) => {
      expect(() => parse({ basePath })).toThrow(
        new TypeError('basePath must be a path that begins with a slash, such as /v1/session/otp.'),
      );
    },
  );

  test('refuse a session that is not a function', () => {
    const session = (request: string) => request;
    expect(parse({ session }).session).toBe(session);
    expect(() => parse({ session: 'id' })).toThrow(new TypeError('session must be a function.'));
  });
});

test.each([
  [undefined, '/v1/session/otp'],
  ['https://api.example.com/auth/otp', '/auth/otp'],
  ['https://otp.example.com', ''],
])('the base path of a service with the public URL %j is %j', (publicUrl, expected) => {
  expect(defaultBasePath({ publicUrl })).toBe(expected);
});

describe('assertService', () => {
  test('accepts an object with the method of a service', () => {
    expect(() => assertService({ handle() {} }, 'mount(service)')).not.toThrow();
  });

  test.each([undefined, null, 'service', {}, { handle: 1 }, () => {}])('refuses %j', (service) => {
    expect(() => assertService(service, 'mount(service)')).toThrow(
      new TypeError('`mount(service)`: `service` must be created by `createOtpService()`.'),
    );
  });
});
