import type { BreakerState } from '../events.js';

/** How long an open breaker lets nobody through. */
const OPEN_MS = 30_000;
/** So many in a row open it. */
const MAX_FAILURES = 5;

/** What the sender may be asked for: as one of many, or alone, to see whether it is well again. */
type Permit = 'pass' | 'probe';

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

/** Starts at the call; answers the milliseconds since then, also when the clock was set back. */
export type StartStopwatch = () => () => number;

export function createBreaker(
  startStopwatch: StartStopwatch,
  onChange: (state: BreakerState) => void,
): Breaker {
  let failures = 0;
  /** How long it has been open. Undefined: closed. */
  let openMs: (() => number) | undefined;
  let isProbing = false;

  const isReady = () => openMs === undefined || (!isProbing && openMs() >= OPEN_MS);
  return {
    isReady,
    enter() {
      if (!isReady()) return undefined;
      if (openMs === undefined) return 'pass';
      isProbing = true;
      return 'probe';
    },
    leave(permit, health) {
      if (permit === 'probe') isProbing = false;
      // What was asked before it opened and answers now is old news.
      else if (openMs !== undefined) return;
      if (health === 'well') {
        failures = 0;
        if (openMs === undefined) return;
        openMs = undefined;
        onChange('closed');
      } else if (health === 'failed') {
        failures += 1;
        if (failures < MAX_FAILURES) return;
        const wasClosed = openMs === undefined;
        openMs = startStopwatch();
        if (wasClosed) onChange('open');
      }
    },
  };
}
