/** A clock that only the test moves. */
export interface TestClock {
  /** Milliseconds since the epoch. For the options `now` of a service and of a store. */
  readonly now: () => number;
  /** Moves the clock forward. */
  advance(seconds: number): void;
}

const START_MS = Date.UTC(2030, 0, 1);

/**
 * Creates a clock that stands still until the test moves it.
 *
 * @param startMs its first time, in milliseconds since the epoch; the start of 2030 by default
 * @returns the clock; its `now` is the option `now` of a service or a store
 * @example
 * const clock = createTestClock();
 * clock.advance(30); // seconds
 */
export function createTestClock(startMs = START_MS): TestClock {
  let now = startMs;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
