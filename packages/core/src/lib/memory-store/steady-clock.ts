export interface Clocks {
  /** Milliseconds since the epoch; whoever runs the machine may set it. */
  readonly wall: () => number;
  /** Milliseconds since any moment; stands still while the machine sleeps. */
  readonly monotonic: () => number;
}

const OF_THIS_PROCESS: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * Milliseconds since the epoch that never go back: a wall clock that is set back goes on from where it
 * was, and the monotonic one fills in what passed unseen. So no life and no limit lasts longer for it.
 */
export function createSteadyClock({ wall, monotonic }: Clocks = OF_THIS_PROCESS): () => number {
  let last = wall();
  let setBack = 0;
  const begin = last - monotonic();
  return () => {
    const now = wall();
    if (now < last) setBack += last - now;
    last = now;
    return Math.max(now + setBack, Math.floor(begin + monotonic()));
  };
}
