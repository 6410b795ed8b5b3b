import { createHandler, type OtpFetchOptions, type OtpServiceSource } from '@otp/fetch';
import { locate, type RouteContext } from './location.js';

/** Options of `otpRoutes`: those of `otpFetch`. */
export interface OtpRoutesOptions extends OtpFetchOptions<RouteContext | undefined> {
  /**
   * Path of the mount point, where clients find `POST /`. A catch-all route does not need it; one file per route needs
   * it only where the path itself ends in `retry`, `check`, `status` or `jwks.json`.
   * @default the path of `publicUrl` of the service, or else `/v1/session/otp`
   */
  readonly basePath?: string;
}

/** A route handler of the App Router. */
export type OtpRouteHandler = (request: Request, context?: RouteContext) => Promise<Response>;

/** The exports of a `route.ts`: every method, so that a wrong one gets the contract's 405. */
export type OtpRoutes = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', OtpRouteHandler>
>;

/**
 * Creates the route handlers of a service, for one catch-all `route.ts` or for one file per route.
 *
 * @param service the service from `createOtpService`, or a function that returns it, called for each request: `next build`
 *   loads every `route.ts`, perhaps without your secrets
 * @param options see `OtpRoutesOptions`
 * @returns a handler for each method, to be exported
 * @throws TypeError that names the argument or option, and says what to write
 * @example export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = otpRoutes(getOtpService);
 */
export function otpRoutes(
  service: OtpServiceSource<RouteContext | undefined>,
  options: OtpRoutesOptions = {},
): OtpRoutes {
  const handler = createHandler(service, options, { name: 'otpRoutes', locate });
  const respond: OtpRouteHandler = (request, context) => handler(request, context);
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
