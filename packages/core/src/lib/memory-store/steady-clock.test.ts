import { describe, expect, it } from 'vitest';
import { createSteadyClock } from './steady-clock.js';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

function createClocks() {
  let wall = START;
  let monotonic = 12_345.6;
  return {
    now: createSteadyClock({ wall: () => wall, monotonic: () => monotonic }),
    pass(ms: number) {
      wall += ms;
      monotonic += ms;
    },
    sleep(ms: number) {
      wall += ms;
    },
    set(ms: number) {
      wall += ms;
    },
  };
}

describe('createSteadyClock', () => {
  it('follows the wall clock', () => {
    const { now, pass } = createClocks();
    expect(now()).toBe(START);
    pass(1_500);
    expect(now()).toBe(START + 1_500);
  });

  it('goes on when the wall clock is set back, whether that is noticed at once or later', () => {
    const { now, pass, set } = createClocks();
    pass(1_000);
    now();
    set(-HOUR);
    expect(now()).toBe(START + 1_000);
    pass(500);
    set(-HOUR);
    expect(now()).toBe(START + 1_500);
    pass(2 * HOUR);
    expect(now()).toBe(START + 1_500 + 2 * HOUR);
  });

  it('counts the time that the machine sleeps, even after the wall clock was set back', () => {
    const { now, pass, sleep, set } = createClocks();
    sleep(HOUR);
    expect(now()).toBe(START + HOUR);
    set(-HOUR);
    expect(now()).toBe(START + HOUR);
    sleep(HOUR);
    pass(1_000);
    expect(now()).toBe(START + 2 * HOUR + 1_000);
  });

  it('follows the wall clock forwards and does not go back with it', () => {
    const { now, set } = createClocks();
    set(HOUR);
    expect(now()).toBe(START + HOUR);
    set(-HOUR);
    expect(now()).toBe(START + HOUR);
  });

  it('returns integer milliseconds by the clocks of the system', () => {
    const now = createSteadyClock();
    const before = now();
    expect(Number.isInteger(before)).toBe(true);
    expect(now()).toBeGreaterThanOrEqual(before);
  });
});
