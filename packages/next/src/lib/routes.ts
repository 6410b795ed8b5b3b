import type { OtpService } from '@otp/core';
import {
  assertService,
  basePathOption,
  type ClientAddressOptions,
  clientAddressOption,
  type OtpResponse,
  optionsOf,
  parseOptions,
  readForwarded,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';
import { findPath, type RouteContext } from './path.js';
import { readBody } from './read-body.js';

/** Options of `otpRoutes`. */
export interface OtpRoutesOptions extends SessionOptions<Request> {
  /**
   * Path of the mount point, where clients find `POST /`, without a prefix such as `basePath` of next.config. A
   * catch-all route does not need it; one file per route needs it only where the path itself ends in `retry`, `check` or
   * `jwks.json`.
   * @default '/v1/session/otp'
   */
  readonly basePath?: string;
  /**
   * Where to read the client address behind proxies of yours.
   * @default no client has an address, and all share one limit
   */
  readonly clientAddress?: ClientAddressOptions;
}

const schema = optionsOf<OtpRoutesOptions>()({
  basePath: basePathOption,
  clientAddress: clientAddressOption,
  session: sessionOption<Request>(),
});

export type OtpRouteHandler = (request: Request, context?: RouteContext) => Promise<Response>;

/** The exports of a `route.ts`: every method, so that a wrong one gets the contract's 405. */
export type OtpRoutes = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', OtpRouteHandler>
>;

/** A service, or a function that returns it at run time: `next build` loads every `route.ts`. */
type ServiceSource = OtpService | (() => OtpService | Promise<OtpService>);

/**
 * Creates the route handlers of a service, for one catch-all `route.ts` or for one file per route.
 *
 * @param service the service from `createOtpService`, or a function that returns it, called for each request
 * @param options see `OtpRoutesOptions`
 * @returns a handler for each method, to be exported
 * @throws TypeError that names the argument or option, and says what to write
 * @example export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = otpRoutes(getOtpService);
 */
export function otpRoutes(service: ServiceSource, options: OtpRoutesOptions = {}): OtpRoutes {
  if (typeof service !== 'function') assertService(service, 'otpRoutes(service)');
  const { basePath, clientAddress, session } = parseOptions(schema, options, 'otpRoutes()');
  const mount = { basePath, isDefault: options.basePath === undefined };
  const respond: OtpRouteHandler = async (request, context) => {
    const header = (name: string) => headerValues(request.headers, name);
    const resolved = await resolveService(service);
    const response = await resolved.handle({
      method: request.method,
      path: await findPath(request.url, context, mount),
      header,
      body: (maxBytes) => readBody(request, maxBytes),
      clientAddress: clientAddress && readForwarded(header, clientAddress),
      session: session && (() => session(request)),
      url: () => publicUrl(request),
    });
    return toResponse(response);
  };
  return {
    GET: respond,
    HEAD: respond,
    POST: respond,
    PUT: respond,
    PATCH: respond,
    DELETE: respond,
    OPTIONS: respond,
  };
}

async function resolveService(source: ServiceSource): Promise<OtpService> {
  if (typeof source !== 'function') return source;
  const service = await source();
  assertService(service, 'otpRoutes(() => service)');
  return service;
}

/** Repeated fields arrive joined; core refuses a list where it takes one value. */
function headerValues(headers: Headers, name: string): string[] {
  const value = headers.get(name);
  return value === null ? [] : [value];
}

/** Next puts the name that the server listens on into `request.url`; `Host` has the client's. */
function publicUrl({ url, headers }: Request): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${headers.get('host') ?? host}${pathname}`;
}

function toResponse({ status, headers, body }: OtpResponse): Response {
  const fields = new Headers();
  for (const [name, value] of headers) fields.append(name, value);
  return new Response(body, { status, headers: fields });
}
