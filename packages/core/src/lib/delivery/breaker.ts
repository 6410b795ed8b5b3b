import type { BreakerState } from '../events.js';

/** How long a breaker stays open before it lets a probe through. */
const OPEN_MS = 30_000;
/** Consecutive failures that open a breaker. */
const MAX_FAILURES = 5;

/** `pass`: one attempt of many. `probe`: the only attempt, which decides whether an open breaker closes. */
type Permit = 'pass' | 'probe';

/** `undecided`: says nothing about the provider, for example a rejected recipient. */
export type Health = 'healthy' | 'failed' | 'undecided';

/**
 * Spares requests the wait for a provider that is down. Five consecutive failures open the breaker for 30 s; then it
 * lets one probe through at a time. A healthy probe closes the breaker, a failed one keeps it open for another 30 s.
 */
export interface Breaker {
  /** Whether `enter` would return a permit now. */
  isReady(): boolean;
  /** Undefined: do not use the provider. Every permit must be handed back to `leave`. */
  enter(): Permit | undefined;
  leave(permit: Permit, health: Health): void;
}

/**
 * @param now milliseconds of a monotonic clock
 * @param onChange called when the breaker opens or closes
 */
export function createBreaker(now: () => number, onChange: (state: BreakerState) => void): Breaker {
  let failures = 0;
  /** Undefined: closed. */
  let openedAt: number | undefined;
  let isProbing = false;

  const isReady = () => openedAt === undefined || (!isProbing && now() - openedAt >= OPEN_MS);
  return {
    isReady,
    enter() {
      if (!isReady()) return undefined;
      if (openedAt === undefined) return 'pass';
      isProbing = true;
      return 'probe';
    },
    leave(permit, health) {
      if (permit === 'probe') isProbing = false;
      // An attempt from before the breaker opened says nothing about the provider now.
      else if (openedAt !== undefined) return;
      if (health === 'healthy') {
        failures = 0;
        if (openedAt === undefined) return;
        openedAt = undefined;
        onChange('closed');
      } else if (health === 'failed') {
        failures += 1;
        if (failures < MAX_FAILURES) return;
        const wasClosed = openedAt === undefined;
        openedAt = now();
        if (wasClosed) onChange('open');
      }
    },
  };
}
