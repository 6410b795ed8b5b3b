const SECONDS = 6_000;

export interface FloodClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A request has come. */
  tick(): void;
}

/** A clock that each request moves, so that verifications come and go: `requests` take 100 minutes. */
export function createFloodClock(requests: number): FloodClock {
  let nowMs = Date.now();
  return {
    now: () => nowMs,
    tick() {
      nowMs += (SECONDS * 1000) / requests;
    },
  };
}
