import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Health } from './breaker.js';

function createWorld() {
  let now = 0;
  const states: string[] = [];
  const breaker = createBreaker(
    () => now,
    (state) => states.push(state),
  );
  return {
    breaker,
    states,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

/** Makes one attempt after the other; the breaker lets each through. */
function use(breaker: Breaker, ...healths: Health[]): void {
  for (const health of healths) {
    const permit = breaker.enter();
    if (permit === undefined) throw new Error('the breaker is open');
    breaker.leave(permit, health);
  }
}

const FIVE: readonly Health[] = ['failed', 'failed', 'failed', 'failed', 'failed'];

describe('a breaker', () => {
  test('opens at the fifth failure in a row, for 30 s [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, 'failed', 'failed', 'failed', 'failed');
    expect(breaker.isReady()).toBe(true);
    use(breaker, 'failed');
    expect(states).toEqual(['open']);
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    advance(29_999);
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    advance(1);
    expect([breaker.isReady(), breaker.enter()]).toEqual([true, 'probe']);
  });

  test('counts failures in a row only [S13]', () => {
    const { breaker, states } = createWorld();
    for (let round = 0; round < 5; round += 1) use(breaker, ...FIVE.slice(1), 'healthy');
    expect(states).toEqual([]);
  });

  test('ignores outcomes that say nothing about the provider [S13]', () => {
    const { breaker, states } = createWorld();
    for (let count = 0; count < 20; count += 1) use(breaker, 'undecided');
    expect(states).toEqual([]);
    use(breaker, 'failed', 'failed', 'failed', 'failed', 'undecided', 'failed');
    expect(states).toEqual(['open']);
  });

  test('lets one probe through at a time and closes when it is healthy [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    expect(breaker.enter()).toBe('probe');
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    breaker.leave('probe', 'healthy');
    expect(states).toEqual(['open', 'closed']);
    expect([breaker.enter(), breaker.enter()]).toEqual(['pass', 'pass']);
  });

  test('counts from zero after it has closed [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'healthy', ...FIVE.slice(1));
    expect(states).toEqual(['open', 'closed']);
    use(breaker, 'failed');
    expect(states).toEqual(['open', 'closed', 'open']);
  });

  test('stays open for another 30 s when the probe fails, without another event [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'failed');
    advance(29_999);
    expect(breaker.enter()).toBeUndefined();
    advance(1);
    use(breaker, 'healthy');
    expect(states).toEqual(['open', 'closed']);
  });

  test('lets another probe through when the first was undecided [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'undecided', 'undecided', 'healthy');
    expect(states).toEqual(['open', 'closed']);
  });

  test.each(['healthy', 'failed'] as const)(
    'ignores a %s attempt that began before it opened [S13]',
    (late) => {
      const { breaker, states, advance } = createWorld();
      const early = breaker.enter();
      use(breaker, ...FIVE);
      advance(20_000);
      if (early !== undefined) breaker.leave(early, late);
      advance(10_000);
      expect(breaker.enter()).toBe('probe');
      expect(states).toEqual(['open']);
    },
  );
});
