export interface Clocks {
  /** Milliseconds since the epoch, by a clock that can be set. */
  readonly wall: () => number;
  /** Milliseconds since any moment, by a clock that stands still while the machine sleeps. */
  readonly monotonic: () => number;
}

const SYSTEM_CLOCKS: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * Creates a clock that follows the system's clock forwards, also over a sleep of the machine, and never back. So a
 * system clock that is set back prolongs no verification and no limit.
 *
 * @returns a function that returns milliseconds since the epoch
 */
export function createSteadyClock({ wall, monotonic }: Clocks = SYSTEM_CLOCKS): () => number {
  let last = wall();
  let setBack = 0;
  const start = last - monotonic();
  return () => {
    const now = wall();
    if (now < last) setBack += last - now;
    last = now;
    // The monotonic clock covers time that passed between the last call and the setting back.
    return Math.max(now + setBack, Math.floor(start + monotonic()));
  };
}
