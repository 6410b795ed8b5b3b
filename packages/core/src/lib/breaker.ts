/** How long an open breaker lets nobody through. */
export const OPEN_MS = 30_000;
/** So many in a row open it. */
export const MAX_FAILURES = 5;

/** What the sender may be asked for: as one of many, or alone, to see whether it is well again. */
export type Permit = 'pass' | 'probe';

/** `undecided`: says nothing about the provider, like a bad recipient. */
export type Health = 'well' | 'failed' | 'undecided';

/**
 * Keeps a provider that is down from being asked. Five failures in a row open it for 30 s; then one
 * probe at a time is let through, until one decides: it closes it or keeps it open for 30 s more.
 */
export interface Breaker {
  /** Whether `enter` would let somebody through now. */
  isReady(): boolean;
  /** Undefined: leave the provider alone. Whoever gets a permit must `leave` with it. */
  enter(): Permit | undefined;
  leave(permit: Permit, health: Health): void;
}

export type BreakerState = 'open' | 'closed';

/** `now`: milliseconds that never go back. */
export function createBreaker(now: () => number, onChange: (state: BreakerState) => void): Breaker {
  let failures = 0;
  /** Undefined: closed. */
  let openUntil: number | undefined;
  let isProbing = false;

  const isReady = () => openUntil === undefined || (!isProbing && now() >= openUntil);
  return {
    isReady,
    enter() {
      if (!isReady()) return undefined;
      if (openUntil === undefined) return 'pass';
      isProbing = true;
      return 'probe';
    },
    leave(permit, health) {
      if (permit === 'probe') isProbing = false;
      // What was asked before it opened and answers now is old news.
      else if (openUntil !== undefined) return;
      if (health === 'well') {
        failures = 0;
        if (openUntil === undefined) return;
        openUntil = undefined;
        onChange('closed');
      } else if (health === 'failed') {
        failures += 1;
        if (failures < MAX_FAILURES) return;
        const wasClosed = openUntil === undefined;
        openUntil = now() + OPEN_MS;
        if (wasClosed) onChange('open');
      }
    },
  };
}
