import type { OtpService } from '@otp/core';
import type {
  AdapterUnderTest,
  ExchangeRequest,
  ExchangeResponse,
  Header,
  MountOptions,
} from '@otp/testing';
import {
  type OtpRouteHandler,
  type OtpRoutes,
  type OtpRoutesOptions,
  otpRoutes,
} from '../src/index.js';

const ORIGIN = 'https://api.test';

/** Passes `session` as a Next host does. */
export function routesOf(
  create: typeof otpRoutes,
  service: OtpService,
  { session, ...options }: MountOptions & Omit<OtpRoutesOptions, 'session'> = {},
): OtpRoutes {
  return create(
    service,
    session === undefined ? options : { ...options, session: () => session() },
  );
}

/** The handlers without Next: called with a `Request` and no context. */
export function directAdapter(basePath = '/v1/session/otp'): AdapterUnderTest {
  return {
    async mount(service, options) {
      const routes = routesOf(otpRoutes, service, { ...options, basePath });
      return {
        url: `${ORIGIN}${basePath}`,
        exchange: (request) => exchangeDirectly(routes, basePath, request),
        async close() {},
      };
    },
  };
}

async function exchangeDirectly(
  routes: OtpRoutes,
  basePath: string,
  { method, path, headers, body }: ExchangeRequest,
): Promise<ExchangeResponse> {
  const request = new Request(`${ORIGIN}${basePath}${path}`, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? {} : { body }),
  });
  const handler: OtpRouteHandler | undefined = routes[method as keyof OtpRoutes];
  if (handler === undefined) throw new Error(`there is no handler for ${method}`);
  return toExchangeResponse(await handler(request));
}

async function toExchangeResponse(response: Response): Promise<ExchangeResponse> {
  const headers: Header[] = [...response.headers];
  return { status: response.status, headers, body: await response.text() };
}
