import * as v from 'valibot';
import type { SessionId } from '../http/otp-request.js';
import { fn } from '../util/schema.js';

/** The option by which every adapter reads the sessions of the host. */
export interface SessionOptions<Request, More extends readonly unknown[] = []> {
  /**
   * Returns the id of the session that a request belongs to, or null when nobody is signed in. A challenge token with a
   * `sid` is then accepted only from that session, and is a `token_mismatch` from any other. Called only for such a
   * token; its time limit is `callbackTimeoutMs` of the service.
   * @default none: a challenge is then accepted from any session
   */
  readonly session?: (request: Request, ...more: More) => SessionId | Promise<SessionId>;
}

/**
 * The schema of the option `session`.
 *
 * @returns the schema
 */
export function sessionOption<Request, More extends readonly unknown[] = []>() {
  return v.optional(fn<(request: Request, ...more: More) => SessionId | Promise<SessionId>>());
}

/** The path of the mount point unless the host chose another. */
export const DEFAULT_BASE_PATH = '/v1/session/otp';

/** Schema of a base path: resolved to one without a slash at its end. */
const BASE_PATH = v.pipe(
  v.custom<string>(
    (value) => typeof value === 'string' && /^\/$|^(?:\/[^/?#\s]+)+\/?$/.test(value),
    `must be a path that begins with a slash, such as ${DEFAULT_BASE_PATH}`,
  ),
  v.transform((path) => path.replace(/\/$/, '')),
);

/** Schema of the option `basePath`, the path of the mount point: undefined unless the host has written it. */
export const basePathOption = v.optional(BASE_PATH);

/**
 * Returns the path of the mount point where the host has not written `basePath`.
 *
 * @param service the service that is mounted
 * @returns the path of its `publicUrl`, without a slash at the end, or else `/v1/session/otp`
 */
export function defaultBasePath({
  publicUrl,
}: {
  readonly publicUrl?: string | undefined;
}): string {
  return publicUrl === undefined
    ? DEFAULT_BASE_PATH
    : new URL(publicUrl).pathname.replace(/\/$/, '');
}

/**
 * Throws unless a value has the methods of a service. A service of another copy of `@otp/core` is accepted.
 *
 * @param service what the host has given to the adapter
 * @param call how the host calls the adapter, such as `otpRouter(service)`
 * @throws TypeError that says what to write
 */
export function assertService(service: unknown, call: string): void {
  const isObject = typeof service === 'object' && service !== null;
  if (!isObject || typeof Reflect.get(service, 'handle') !== 'function') {
    throw new TypeError(`\`${call}\`: \`service\` must be created by \`createOtpService()\`.`);
  }
}
