import type { OtpRequest, OtpResponse } from './http.js';
import type { OtpService } from './service.js';

export type Handler = (request: OtpRequest) => Promise<OtpResponse>;

/**
 * Where a service keeps its handler, by a name that all copies of this package know: a bundler that makes
 * several may put a host's service and an adapter into different ones.
 */
export const HANDLER = Symbol.for('@otp/core/handler');

/** @throws TypeError when createOtpService has not made it. */
export function handlerOf(service: OtpService): Handler {
  assertService(service, 'service');
  return Reflect.get(service, HANDLER) as Handler;
}

/**
 * For adapters: what they are given is a service. `field` is what they call it.
 * @throws TypeError when createOtpService has not made it.
 */
export function assertService(value: unknown, field: string): asserts value is OtpService {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || typeof Reflect.get(value, HANDLER) !== 'function') {
    throw new TypeError(`${field} must come from createOtpService of @otp/core.`);
  }
}
