import { ROUTE_PATHS } from '@otp/core/adapter';

/** The second argument of a route handler; in Next 14 `params` is not a promise. */
export interface RouteContext {
  readonly params?: unknown;
}

interface Mount {
  readonly basePath: string;
  readonly isDefault: boolean;
}

/**
 * Finds the path of a request below the mount point.
 *
 * Next cannot distinguish an empty catch-all match from one file per route. Without the option `basePath`, a URL that
 * does not contain its default is the mount point, unless it ends in the name of a route.
 *
 * @param url the URL of the request
 * @param context the second argument of the route handler
 * @param mount the resolved option `basePath`, and whether it is the default. The URL may have any prefix before it, such
 *   as `basePath` of next.config
 * @returns the segments of a catch-all route, decoded by Next, or else the rest of the URL's path
 * @throws Error when the URL does not contain the option `basePath`
 */
export async function findPath(
  url: string,
  context: RouteContext | undefined,
  { basePath, isDefault }: Mount,
): Promise<string> {
  const segments = findSegments(await context?.params);
  if (segments !== undefined) return `/${segments.join('/')}`;
  // With or without a slash at the end, as `trailingSlash` of next.config says.
  const pathname = new URL(url).pathname.replace(/\/$/, '');
  const start = `${pathname}/`.indexOf(`${basePath}/`);
  if (start >= 0) return pathname.slice(start + basePath.length) || '/';
  if (!isDefault) {
    throw new Error(
      `basePath of otpRoutes() must be in the URL of its routes: ${basePath} is not.`,
    );
  }
  const last = pathname.slice(pathname.lastIndexOf('/'));
  return ROUTE_PATHS.includes(last) ? last : '/';
}

/** Only a catch-all segment is an array, and a route has at most one. */
function findSegments(params: unknown): readonly unknown[] | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  return Object.values(params).find((value) => Array.isArray(value));
}
