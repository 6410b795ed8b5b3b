/**
 * Handles the rejection of a promise that a function of the host has returned where none is expected: unhandled, it would
 * end the process.
 *
 * @param value what the function has returned, a promise or not
 */
export function ignoreRejection(value: unknown): void {
  void Promise.resolve(value).catch(() => {});
}
