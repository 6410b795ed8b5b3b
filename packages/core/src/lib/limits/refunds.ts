import type { Limit, LimitName } from '../ports.js';

/** Whether a limit was charged by a create or a check, not only asked whether it has room. */
export function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}

/** Limits that count messages. Refunding those that count clients would allow unlimited provider calls. */
const MESSAGE_LIMITS: ReadonlySet<LimitName> = new Set(['recipient', 'challenge', 'app']);

/** What a create gives back when its message was definitely not sent. */
export function refundsOfFailedSend(limits: readonly Limit[]): Limit[] {
  return limits.filter((limit) => isCharged(limit) && MESSAGE_LIMITS.has(limit.name));
}

export interface Relief {
  /** Limits of which one event is given back. */
  readonly refund: readonly Limit[];
  /** Keys under which everything is forgotten. */
  readonly reset: readonly string[];
}

/** What a right code gives back of the limits of its check: only failures count, and only those in a row. */
export function reliefOfSuccess(limits: readonly Limit[]): Relief {
  return {
    refund: limits.filter(({ name }) => name === 'user'),
    reset: limits.filter(({ name }) => name === 'consecutive_failures').map(({ key }) => key),
  };
}
