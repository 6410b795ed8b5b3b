import type { OtpService } from '@otp/core';
import { assertService, defaultBasePath, type OtpResponse, readForwarded } from '@otp/core/adapter';
import { type OtpFetchOptions, resolveOptions } from './options.js';
import { readBody } from './read-body.js';

/** A service, or a function that returns it, called for each request with the context of that request. */
export type OtpServiceSource<Context> =
  | OtpService
  | ((context: Context) => OtpService | Promise<OtpService>);

/** Answers one request. Rejects only if the function that returns the service does, or returns something else. */
export type OtpFetchHandler<Context> = (request: Request, context: Context) => Promise<Response>;

/** Where a request is addressed to. */
export interface RequestLocation {
  /** Path below the mount point, such as `/check`; `/` is the mount point, and an empty path is outside it. */
  readonly path: string;
  /** The URL as the client wrote it, without query. */
  readonly url: string;
}

/** The mount point of a service. */
export interface Mount {
  /** Its path, without a slash at the end. */
  readonly basePath: string;
  /** Whether the host has not written `basePath`. */
  readonly isDefault: boolean;
}

/** What an adapter of another framework adds to `otpFetch`. */
export interface HandlerParts<Context> {
  /** How a host calls the adapter, without arguments, such as `otpFetch`. */
  readonly name: string;
  /** Finds where a request is addressed to. */
  readonly locate: (
    request: Request,
    context: Context,
    mount: Mount,
  ) => RequestLocation | Promise<RequestLocation>;
}

/**
 * Creates a function from `Request` to `Response` that serves the routes of a service, for Hono, Bun, Deno, Workers and
 * every other host that has these two classes.
 *
 * @param service the service from `createOtpService`, or a function that returns it, called for each request
 * @param options see `OtpFetchOptions`
 * @returns a function of a request and of a context, which is passed to the functions among the arguments
 * @throws TypeError that names the argument or option, and says what to write
 * @example export default { fetch: otpFetch(service) };
 */
export function otpFetch(
  service: OtpServiceSource<unknown>,
  options?: OtpFetchOptions<unknown>,
): (request: Request, context?: unknown) => Promise<Response>;
export function otpFetch<Context>(
  service: OtpServiceSource<Context>,
  options?: OtpFetchOptions<Context>,
): OtpFetchHandler<Context>;
export function otpFetch<Context>(
  service: OtpServiceSource<Context>,
  options: OtpFetchOptions<Context> = {},
): OtpFetchHandler<Context> {
  return createHandler(service, options, { name: 'otpFetch', locate: locateByUrl });
}

function locateByUrl(request: Request, _: unknown, { basePath }: Mount): RequestLocation {
  const url = readUrl(request);
  if (url === undefined) return { path: '', url: '' };
  const { origin, pathname } = url;
  const isBelow = `${pathname}/`.startsWith(`${basePath}/`);
  return {
    path: isBelow ? pathname.slice(basePath.length) || '/' : '',
    url: origin + pathname,
  };
}

/** If the host of a request is missing or not valid, `url` is a path in Bun, and reading it throws in Deno. */
function readUrl(request: Request): URL | undefined {
  try {
    return new URL(request.url, 'http://host.invalid');
  } catch {
    return undefined;
  }
}

/**
 * Creates the handler of an adapter for a framework that has the classes `Request` and `Response`.
 *
 * @param service see `otpFetch`
 * @param options see `otpFetch`
 * @param parts what the adapter adds
 * @returns the handler
 * @throws TypeError that names the argument or option, and says what to write
 */
export function createHandler<Context>(
  service: OtpServiceSource<Context>,
  options: OtpFetchOptions<Context>,
  { name, locate }: HandlerParts<Context>,
): OtpFetchHandler<Context> {
  if (typeof service !== 'function') assertService(service, `${name}(service)`);
  const { basePath, clientAddress, session } = resolveOptions(options, `${name}()`);
  return async (request, context) => {
    const resolved = typeof service === 'function' ? await service(context) : service;
    if (resolved !== service) assertService(resolved, `${name}(() => service)`);
    const { path, url } = await locate(request, context, {
      basePath: basePath ?? defaultBasePath(resolved),
      isDefault: basePath === undefined,
    });
    const header = (field: string) => headerValues(request.headers, field);
    const response = await resolved.handle({
      method: request.method,
      path,
      header,
      body: (maxBytes) => readBody(request, maxBytes),
      // Read by core, so that what the function of the host throws is a fault like any other.
      get clientAddress() {
        return typeof clientAddress === 'function'
          ? clientAddress(request, context)
          : clientAddress && readForwarded(header, clientAddress);
      },
      session: session && (() => session(request, context)),
      url: () => url,
    });
    return toResponse(response);
  };
}

/** Repeated fields arrive joined; core refuses a list where it takes one value. */
function headerValues(headers: Headers, name: string): string[] {
  const value = headers.get(name);
  return value === null ? [] : [value];
}

function toResponse({ status, headers, body }: OtpResponse): Response {
  const fields = new Headers();
  for (const [name, value] of headers) fields.append(name, value);
  return new Response(body, { status, headers: fields });
}
