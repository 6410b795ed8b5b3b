/** System errors of a connection that was never made, and of undici's `fetch`. */
const CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Whether a network error happened before there was a connection, so that the provider cannot have received the
 * request: `unavailable` rather than `unknown`. For the `send` of a sender.
 *
 * @param code the `code` of the error
 * @returns whether the provider cannot have received the request
 */
export function isBeforeConnection(code: unknown): boolean {
  return CODES.has(code);
}
