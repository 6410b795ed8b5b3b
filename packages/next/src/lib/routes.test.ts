import type { OtpService } from '@otp/core';
import { describe, expect, test } from 'vitest';
import { type OtpRoutesOptions, otpRoutes } from './routes.js';

const notService = {} as OtpService;

describe('otpRoutes', () => {
  test('refuses anything but a service, at once or when a request arrives', async () => {
    expect(() => otpRoutes(notService)).toThrow(
      '`otpRoutes(service)`: `service` must be created by `createOtpService()`.',
    );
    const { POST } = otpRoutes(() => notService);
    await expect(POST(new Request('https://api.test/v1/session/otp'))).rejects.toThrow(
      '`otpRoutes(() => service)`: `service` must be created by `createOtpService()`.',
    );
  });

  test.each([
    [{ session: 'id' }, 'session must be a function.'],
    [
      { mount: '/otp' },
      'otpRoutes() has no option mount; it takes basePath, clientAddress, session.',
    ],
    [{ clientAddress: {} }, 'clientAddress.header must be the name of a header field'],
  ])('refuses the options %j', (options, message) => {
    const create = () => otpRoutes(() => notService, options as OtpRoutesOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});
