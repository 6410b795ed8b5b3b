import { ROUTE_PATHS } from '@otp/core/adapter';
import type { Mount, RequestLocation } from '@otp/fetch';

/** The second argument of a route handler; in Next 14 `params` is not a promise. */
export interface RouteContext {
  readonly params?: unknown;
}

/**
 * Finds where a request to a route handler is addressed to.
 *
 * Next cannot distinguish an empty catch-all match from one file per route. Without the option `basePath`, a URL that
 * does not contain its default is the mount point, unless it ends in the name of a route.
 *
 * @param request its URL has the path without `basePath` of next.config, and the name on which the server listens
 * @param context the second argument of the route handler
 * @param mount the resolved option `basePath`, which may stand anywhere in the URL, and whether it is the default
 * @returns the URL with what Next has left out of it; the path is that of a catch-all route, decoded by Next, or else the
 *   rest of the URL's path
 */
export async function locate(
  { url, headers }: Request,
  context: RouteContext | undefined,
  { basePath, isDefault }: Mount,
): Promise<RequestLocation> {
  const { protocol, host, pathname } = new URL(url);
  const path = withPrefix(pathname);
  return {
    path: (await catchAllPath(context)) ?? findPath(path, basePath, isDefault),
    url: `${protocol}//${headers.get('host') ?? host}${path}`,
  };
}

/** Next replaces this expression by `basePath` of next.config, and gives route handlers no other way to it. */
function withPrefix(pathname: string): string {
  const prefix = process.env.__NEXT_ROUTER_BASEPATH ?? '';
  return `${pathname}/`.startsWith(`${prefix}/`) ? pathname : prefix + pathname;
}

/** Only a catch-all segment is an array, and a route has at most one. */
async function catchAllPath(context: RouteContext | undefined): Promise<string | undefined> {
  const params = await context?.params;
  if (typeof params !== 'object' || params === null) return undefined;
  const segments = Object.values(params).find((value) => Array.isArray(value));
  return segments && `/${segments.join('/')}`;
}

function findPath(pathname: string, basePath: string, isDefault: boolean): string {
  const start = `${pathname}/`.indexOf(`${basePath}/`);
  if (start >= 0) return pathname.slice(start + basePath.length) || '/';
  if (!isDefault) return '';
  // With or without a slash at the end, as `trailingSlash` of next.config says.
  const [last = ''] = /\/[^/]*(?=\/?$)/.exec(pathname) ?? [];
  return ROUTE_PATHS.includes(last) ? last : '/';
}
