/**
 * Milliseconds since any moment, which nobody sets. `performance` would load all of perf_hooks when a
 * process has its first request.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
