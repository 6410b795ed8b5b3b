import type { OtpRequest, OtpResponse } from './http.js';

export type Handler = (request: OtpRequest) => Promise<OtpResponse>;

/**
 * Where a service keeps its handler, by a name that all copies of this package know: a bundler that makes
 * several may put a host's service and an adapter into different ones.
 */
export const HANDLER = Symbol.for('@otp/core/handler');

/** @throws TypeError when createOtpService has not made it. */
export function handlerOf(service: object): Handler {
  const handler: unknown = Reflect.get(service, HANDLER);
  if (typeof handler !== 'function') {
    throw new TypeError('service must come from createOtpService of @otp/core.');
  }
  return (request) => handler(request);
}
