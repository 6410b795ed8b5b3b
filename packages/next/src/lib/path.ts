import { ROUTE_PATHS } from '@otp/core/adapter';

/** What Next hands to a route handler beside the request; in Next 14 `params` is no promise. */
export interface RouteContext {
  readonly params?: unknown;
}

const DEFAULT_MOUNT = '/v1/session/otp';
const MOUNT = /^(?:\/[^/?#]+)+$/;

/** @throws TypeError when `mount` is no path. */
export function assertMount(mount: string): void {
  if (!MOUNT.test(mount)) {
    throw new TypeError("mount must be a path without a slash at its end, such as '/api/otp'");
  }
}

/**
 * The path under the mount point: the segments that a catch-all route has caught, as Next has decoded them;
 * else what stands behind `mount` in the URL, wherever a `basePath` has moved that. Next tells a catch-all route that
 * has caught nothing no more than it tells one file a route: without `mount`, what is no route's name is the mount point.
 * @throws Error when the URL does not contain a `mount` that the host has named.
 */
export async function pathUnderMount(
  { url }: Request,
  context: RouteContext | undefined,
  mount: string | undefined,
): Promise<string> {
  const caught = findCaught(await context?.params);
  if (caught !== undefined) return `/${caught.join('/')}`;
  // Next redirects to URLs without a slash at their end, or with one: the host's choice.
  const pathname = new URL(url).pathname.replace(/\/$/, '');
  const prefix = mount ?? DEFAULT_MOUNT;
  const start = `${pathname}/`.indexOf(`${prefix}/`);
  if (start >= 0) return pathname.slice(start + prefix.length) || '/';
  if (mount !== undefined) {
    throw new Error(
      `${mount} is not in the URL of this route: tell otpRoutes where it is by mount`,
    );
  }
  const last = pathname.slice(pathname.lastIndexOf('/'));
  return ROUTE_PATHS.includes(last) ? last : '/';
}

/** Only a catch-all segment has a list, and there is one at most. */
function findCaught(params: unknown): readonly unknown[] | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  return Object.values(params).find((value) => Array.isArray(value));
}
