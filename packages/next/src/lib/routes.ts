import type { OtpService } from '@otp/core';
import {
  assertKnownOptions,
  assertService,
  type OptionNames,
  type OtpRequest,
  type OtpResponse,
} from '@otp/core/adapter';
import { type ClientAddressOptions, createAddressReader } from './client-address.js';
import { assertMount, pathUnderMount, type RouteContext } from './path.js';
import { readBody } from './read-body.js';

export interface OtpRoutesOptions {
  /**
   * Where the routes are under `app`, like `/api/otp`. Needed only where the path of the mount point itself ends in
   * `retry`, `check` or `jwks.json`. @default found by what Next has caught, or by the end of the URL
   */
  readonly mount?: string;
  /** Where to read the client address; only behind a proxy of yours. @default all clients share one bucket */
  readonly clientAddress?: ClientAddressOptions;
  /**
   * Id of the session that asks, null when nobody is signed in. With it, a challenge token of another
   * session is a `token_mismatch`. @default the host does not say
   */
  readonly session?: (
    request: Request,
  ) => string | null | undefined | Promise<string | null | undefined>;
}

export type OtpRouteHandler = (request: Request, context?: RouteContext) => Promise<Response>;

/** What a `route.ts` exports; every method, so that a wrong one gets the contract's 405. */
export type OtpRoutes = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', OtpRouteHandler>
>;

/** A function, where the service can only be made at run time: `next build` loads a `route.ts` too. */
type ServiceSource = OtpService | (() => OtpService | Promise<OtpService>);

const OPTIONS: OptionNames<OtpRoutesOptions> = { mount: true, clientAddress: true, session: true };

/**
 * The routes of a service for `export const { GET, HEAD, … } = otpRoutes(service)`, in one catch-all
 * `route.ts` or in one file a route.
 * @throws TypeError for a service or options that cannot be meant.
 */
export function otpRoutes(service: ServiceSource, options: OtpRoutesOptions = {}): OtpRoutes {
  if (typeof service !== 'function') assertService(service, 'What otpRoutes is given first');
  assertKnownOptions(options, OPTIONS, 'otpRoutes');
  const { mount, session } = options;
  if (mount !== undefined) assertMount(mount);
  if (session !== undefined && typeof session !== 'function') {
    throw new TypeError('session must be a function of the request.');
  }
  const readAddress = createAddressReader(options.clientAddress);
  const respond: OtpRouteHandler = async (request, context) => {
    const otpRequest: OtpRequest = {
      method: request.method,
      path: await pathUnderMount(request, context, mount),
      header: (name) => headerValues(request.headers, name),
      body: (maxBytes) => readBody(request, maxBytes),
      clientAddress: readAddress(request.headers),
      session: session && (() => session(request)),
      url: () => publicUrl(request),
    };
    return toResponse(await (await serviceOf(service)).handle(otpRequest));
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

async function serviceOf(source: ServiceSource): Promise<OtpService> {
  if (typeof source !== 'function') return source;
  const made = await source();
  assertService(made, 'What the function that otpRoutes is given answers');
  return made;
}

/** Repeated fields come joined: a list where one value must be is refused by whoever reads it. */
function headerValues(headers: Headers, name: string): string[] {
  const value = headers.get(name);
  return value === null ? [] : [value];
}

/** Next puts the name that it listens on into `request.url`; the client's is in `Host`. */
function publicUrl({ url, headers }: Request): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${headers.get('host') ?? host}${pathname}`;
}

function toResponse({ status, headers, body }: OtpResponse): Response {
  const fields = new Headers();
  for (const [name, value] of headers) fields.append(name, value);
  return new Response(body, { status, headers: fields });
}
