import type { Limit, LimitName } from '../ports.js';

/** Whether a limit is charged; with `cost` 0 it is only checked for room. */
export function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}

/** Limits that count messages. Refunding those that count clients would allow unlimited provider calls. */
const MESSAGE_LIMITS: ReadonlySet<LimitName> = new Set([
  'recipient',
  'recipient_share',
  'challenge',
  'app',
]);

/** The refunds of a create whose message was definitely not sent. */
export function refundsOfFailedSend(limits: readonly Limit[]): Limit[] {
  return limits.filter((limit) => isCharged(limit) && MESSAGE_LIMITS.has(limit.name));
}
