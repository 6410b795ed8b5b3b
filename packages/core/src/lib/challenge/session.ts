import { withTimeLimit } from '../util/time-limit.js';
import type { Challenge } from './challenge.js';

/** The id of the session that sends a request; null or undefined when there is none. */
export type ReadSession = () => string | null | undefined | Promise<string | null | undefined>;

/**
 * Whether a challenge is for the session that sends the request.
 *
 * @param session undefined where the host names no sessions; `sid` is then not compared
 * @returns true also for a challenge without `sid`
 * @throws what `session` throws; TimeLimitError when it takes too long
 */
export async function isSessionOf(
  { claims: { sid } }: Challenge,
  session: ReadSession | undefined,
  { callbackTimeoutMs }: { readonly callbackTimeoutMs: number },
): Promise<boolean> {
  if (session === undefined || sid === undefined) return true;
  return sid === (await withTimeLimit('session', callbackTimeoutMs, () => session()));
}
