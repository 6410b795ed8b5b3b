import type { OtpService } from '@otp/core';
import { createTestService, post, type TestServiceOptions } from '@otp/testing';
import { describe, expect, test } from 'vitest';
import { otpFetch } from './handler.js';
import type { OtpFetchOptions } from './options.js';

const notService = {} as OtpService;
const HOUR = [{ max: 1, windowSeconds: 3600 }];

function createRequest(
  url: string,
  to = 'user@example.com',
  headers: Record<string, string> = {},
): Request {
  const identifier = { type: 'email_address', value: to };
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ identifier }),
  });
}

describe('otpFetch', () => {
  test('refuses anything but a service, at once or when a request arrives', async () => {
    expect(() => otpFetch(notService)).toThrow(
      '`otpFetch(service)`: `service` must be created by `createOtpService()`.',
    );
    await expect(otpFetch(() => notService)(createRequest('https://api.test/'))).rejects.toThrow(
      '`otpFetch(() => service)`: `service` must be created by `createOtpService()`.',
    );
  });

  test.each([
    [{ session: 'id' }, 'session must be a function.'],
    [{ basePath: 'otp' }, 'basePath must be a path that begins with a slash'],
    [
      { mount: '/otp' },
      'otpFetch() has no option mount; it takes basePath, clientAddress, session.',
    ],
    [{ clientAddress: 'x-real-ip' }, 'clientAddress must be an object'],
    [{ clientAddress: {} }, 'clientAddress.header must be the name of a header field'],
  ])('refuses the options %j', (options, message) => {
    const create = () => otpFetch(() => notService, options as unknown as OtpFetchOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  test('passes the context to the functions that the host has given', async () => {
    const t = createTestService();
    const seen: unknown[] = [];
    const handler = otpFetch(
      (context: { readonly name: string }) => {
        seen.push(['service', context]);
        return Promise.resolve(t.service);
      },
      {
        clientAddress: (request, context) => {
          seen.push([request.method, context]);
          return '203.0.113.7';
        },
        session: (request, context) => {
          seen.push([request.method, context]);
          return 'session-1';
        },
      },
    );
    const context = { name: 'of this request' };
    const { headers, body } = post('/', { challenge_token: t.challenge() });
    const request = new Request('https://api.test/v1/session/otp', {
      method: 'POST',
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body: String(body),
    });
    expect((await handler(request, context)).status).toBe(204);
    expect(seen).toEqual([
      ['service', context],
      ['POST', context],
      ['POST', context],
    ]);
  });
});

describe('the mount point', () => {
  const statusOf = async (url: string, options?: TestServiceOptions, more?: OtpFetchOptions) => {
    const handler = otpFetch(createTestService(options).service, more);
    return (await handler(createRequest(url))).status;
  };

  test.each([
    ['https://api.test/v1/session/otp', 204],
    ['https://api.test/v1/session/otp?next=/x', 204],
    ['https://api.test/', 404],
    ['https://api.test/otp', 404],
    ['https://api.test/v1/session/otp2', 404],
    ['https://api.test/prefix/v1/session/otp', 404],
  ])('is /v1/session/otp: %s is %d', async (url, status) => {
    expect(await statusOf(url)).toBe(status);
  });

  test('is the path of `publicUrl`', async () => {
    const options = { publicUrl: 'https://example.com/auth/otp/' };
    expect(await statusOf('https://api.test/auth/otp', options)).toBe(204);
    expect(await statusOf('https://api.test/v1/session/otp', options)).toBe(404);
    expect(await statusOf('https://api.test/', { publicUrl: 'https://otp.example.com' })).toBe(204);
  });

  test('is `basePath`, also where a proxy adds a prefix to it', async () => {
    const options = { publicUrl: 'https://example.com/auth/otp' };
    expect(await statusOf('https://api.test/otp', options, { basePath: '/otp/' })).toBe(204);
    expect(await statusOf('https://api.test/auth/otp', options, { basePath: '/otp' })).toBe(404);
    expect(await statusOf('https://api.test/', {}, { basePath: '/' })).toBe(204);
  });
});

describe('a request without a valid host [L06]', () => {
  const respondTo = (url: PropertyDescriptor) => {
    const request = createRequest('https://api.test/v1/session/otp');
    return otpFetch(createTestService().service)(Object.defineProperty(request, 'url', url));
  };

  test('is served where its URL is a path, as in Bun', async () => {
    expect((await respondTo({ value: '/v1/session/otp' })).status).toBe(204);
  });

  test('is not found where its URL cannot be read, as in Deno', async () => {
    const response = await respondTo({
      get() {
        throw new TypeError('Invalid URL');
      },
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'not_found' });
  });
});

describe('the client address [R12]', () => {
  const limits = { standalone: { clientAddress: HOUR } };

  test('is what the function returns, and one for all without it', async () => {
    const t = createTestService({ limits });
    const handler = otpFetch<string>(t.service, { clientAddress: (_request, address) => address });
    const statusFor = async (to: string, address: string) =>
      (await handler(createRequest('https://api.test/v1/session/otp', to), address)).status;
    expect(await statusFor('a@example.com', '203.0.113.7')).toBe(204);
    expect(await statusFor('b@example.com', '203.0.113.7')).toBe(403);
    expect(await statusFor('b@example.com', '203.0.113.8')).toBe(204);
  });

  test('is internal, and an event, if the function for it throws [B09]', async () => {
    const t = createTestService();
    const handler = otpFetch<{ peer?: { address: string } }>(t.service, {
      clientAddress: (_request, { peer }) => {
        if (peer === undefined) throw new Error('the peer is gone');
        return peer.address;
      },
    });
    const response = await handler(createRequest('https://api.test/v1/session/otp'), {});
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ code: 'internal', type: 'internal' });
    expect(t.events).toMatchObject([{ type: 'fault', error: { message: 'the peer is gone' } }]);
  });

  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('no peer'))],
    ['resolves', () => Promise.resolve('203.0.113.7')],
    ['returns no string', () => 7],
  ])('is internal, and an event, if the function for it %s [B09]', async (_, find) => {
    const t = createTestService();
    const handler = otpFetch(t.service, { clientAddress: () => find() as string });
    const response = await handler(createRequest('https://api.test/v1/session/otp'));
    expect(response.status).toBe(500);
    const message = 'clientAddress must be a string or undefined, no promise.';
    expect(t.events).toMatchObject([{ type: 'fault', error: { message } }]);
  });

  test('is the entry of the outermost trusted proxy in a header field', async () => {
    const t = createTestService({ limits });
    const clientAddress = { header: 'X-Forwarded-For', trustedProxies: 2 };
    const handler = otpFetch(t.service, { clientAddress });
    const statusFor = async (to: string, forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded };
      return (await handler(createRequest('https://api.test/v1/session/otp', to, headers))).status;
    };
    expect(await statusFor('a@example.com', '203.0.113.7, 10.0.0.1')).toBe(204);
    expect(await statusFor('b@example.com', 'forged, 203.0.113.7, 10.0.0.2')).toBe(403);
  });
});
