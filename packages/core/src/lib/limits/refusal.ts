import { type Failure, fail } from '../errors.js';
import type { LimitName, Refused } from '../ports.js';

/**
 * Makes the refusal of a limit from the time that is left.
 *
 * @param limit the limit that has no room
 * @param waitMs milliseconds until it has room
 * @returns the refusal; its `retryAfterSeconds` is rounded up and at least 1, because `Retry-After: 0` (RFC 9110,
 *   10.2.3) invites a request that would be refused again
 * @example if (sends >= maxSends) return toRefused('sends', endsAt - now);
 */
export function toRefused(limit: LimitName, waitMs: number): Refused {
  return { ok: false, limit, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

/** Of a limit on sending the host chooses the error code; of others a create is always blocked. */
const SEND_LIMITS: ReadonlySet<LimitName> = new Set([
  'recipient',
  'recipient_share',
  'client_address',
  'client_network',
  'number_prefix',
  'number_prefix_share',
  'conversion',
  'app',
]);

/** Budgets that others than the client may have used up. */
const SHARED_LIMITS: ReadonlySet<LimitName> = new Set([
  'recipient',
  'number_prefix',
  'conversion',
  'app',
  'consecutive_failures',
]);

export interface RefusalOptions {
  /** The option of the service. */
  readonly limitErrorCode: 'auth_blocked' | 'rate_limited';
  readonly gapsSeconds: readonly number[];
}

/**
 * The failure of a create over a limit: 403, or 429 where the host has chosen that for limits on sending. Where others
 * may have used up the budget, `Retry-After` is rounded up, or it would tell when they did.
 */
export function refusedCreate(
  { limit, retryAfterSeconds }: Refused,
  { limitErrorCode, gapsSeconds: [firstGap = 0] }: RefusalOptions,
): Failure {
  const code = SEND_LIMITS.has(limit) ? limitErrorCode : 'auth_blocked';
  return fail(code, 'A limit was reached; try again later.', {
    limit,
    retryAfterSeconds: SHARED_LIMITS.has(limit)
      ? roundUp(retryAfterSeconds, Math.max(30, firstGap))
      : retryAfterSeconds,
  });
}

/** To a multiple of `step`, above 600 s to a multiple of 600. */
function roundUp(seconds: number, step: number): number {
  const rounded = Math.ceil(seconds / step) * step;
  return rounded > 600 ? Math.ceil(seconds / 600) * 600 : rounded;
}

/** The failure of a retry over a limit: 429. */
export function refusedRetry({ limit, retryAfterSeconds }: Refused): Failure {
  const message = 'A limit on sending was reached; try again later.';
  return fail('rate_limited', message, { limit, retryAfterSeconds });
}

/** The failure of a check over a limit: 429. */
export function refusedCheck({ limit, retryAfterSeconds }: Refused): Failure {
  const message = 'A limit on wrong codes was reached; try again later.';
  return fail('rate_limited', message, { limit, retryAfterSeconds });
}
