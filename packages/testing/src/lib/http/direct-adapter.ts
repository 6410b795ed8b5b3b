import type { OtpService } from '@otp/core';
import type { OtpRequest } from '@otp/core/adapter';
import type { AdapterUnderTest, Exchange, ExchangeRequest, MountOptions } from './exchange.js';

/** How the body reaches `handle`: as bytes, or as a function that reads it. */
export type BodyStyle = 'eager' | 'lazy';

const MOUNT = 'https://api.test/v1/session/otp';

/** An adapter without a framework: calls `handle` with plain data. */
export function directAdapter(style: BodyStyle): AdapterUnderTest {
  return {
    async mount(service, options = {}) {
      return {
        url: MOUNT,
        exchange: directExchange(service, { ...options, style }),
        async close() {},
      };
    },
  };
}

export interface DirectOptions extends MountOptions {
  readonly style?: BodyStyle;
  readonly clientAddress?: string;
}

export function directExchange(
  service: OtpService,
  { session, style = 'lazy', clientAddress }: DirectOptions = {},
): Exchange {
  const more = {
    ...(session === undefined ? {} : { session }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
  };
  return async (request) => {
    const response = await service.handle({ ...toOtpRequest(request, style), ...more });
    return { ...response, body: response.body ?? '' };
  };
}

export function toOtpRequest(
  { method, path, headers, body = '' }: ExchangeRequest,
  style: BodyStyle = 'lazy',
): OtpRequest {
  const [pathname = '/'] = path.split('?');
  const bytes = Buffer.from(body);
  return {
    method,
    path: pathname,
    header: (name) => headers.filter(([each]) => each === name).map(([, value]) => value),
    body:
      style === 'eager'
        ? bytes
        : async (maxBytes) => (bytes.length > maxBytes ? { refused: 'too_large' } : bytes),
    clientAddress: '203.0.113.7',
    url: () => `${MOUNT}${pathname}`,
  };
}
