import type { Limit, LimitName } from '../ports.js';

/** Whether a limit is charged; with `cost` 0 it is only checked for room. */
export function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}

/** Limits that count messages. Refunding those that count clients would allow unlimited provider calls. */
const MESSAGE_LIMITS: ReadonlySet<LimitName> = new Set(['recipient', 'challenge', 'app']);

/** The refunds of a create whose message was definitely not sent. */
export function refundsOfFailedSend(limits: readonly Limit[]): Limit[] {
  return limits.filter((limit) => isCharged(limit) && MESSAGE_LIMITS.has(limit.name));
}

export interface Refunds {
  /** Limits of which one event is given back. */
  readonly refund: readonly Limit[];
  /** Keys under which all counts are forgotten. */
  readonly reset: readonly string[];
}

/** The refunds of a right code: a user's limit counts wrong codes only, and the cap counts wrong codes in a row. */
export function refundsOfSuccess(limits: readonly Limit[]): Refunds {
  return {
    refund: limits.filter(({ name }) => name === 'user'),
    reset: limits.filter(({ name }) => name === 'consecutive_failures').map(({ key }) => key),
  };
}
