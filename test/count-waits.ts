import { startProxy, type TcpProxy } from './servers/tcp-proxy.js';

/** Milliseconds that a proxy adds to a request and to its reply, so that calculating and scheduling hardly count. */
const EACH_WAY_MS = 20;
/** The first run opens connections and loads scripts; the fastest of the others is counted. */
const RUNS = 4;

/** Starts a proxy behind which a server is so far away that waits for it can be counted by the time that they take. */
export async function startDistantProxy(
  target: Parameters<typeof startProxy>[0],
): Promise<TcpProxy> {
  const proxy = await startProxy(target);
  proxy.delay(EACH_WAY_MS);
  return proxy;
}

/**
 * Counts how often some work waits for servers behind distant proxies. Requests that are sent together are one wait.
 *
 * @param prepare makes what one run of `work` needs; its waits are not counted
 * @param work is run several times
 */
export async function countWaits<T>(
  prepare: () => Promise<T>,
  work: (prepared: T) => Promise<unknown>,
): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run += 1) {
    const prepared = await prepare();
    const started = performance.now();
    await work(prepared);
    if (run > 0) fastestMs = Math.min(fastestMs, performance.now() - started);
  }
  // No wait is shorter, but for a timer that fires early; what is left over is work, on a busy machine a lot.
  return Math.floor(fastestMs / (2 * EACH_WAY_MS) + 0.1);
}
