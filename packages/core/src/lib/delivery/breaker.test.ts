import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Health } from './breaker.js';

function createWorld() {
  let now = 0;
  const states: string[] = [];
  const breaker = createBreaker(
    () => {
      const begin = now;
      return () => now - begin;
    },
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

/** One call after the other, each of which is let through. */
function use(breaker: Breaker, ...healths: Health[]): void {
  for (const health of healths) {
    const permit = breaker.enter();
    if (permit === undefined) throw new Error('it is open');
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
    for (let round = 0; round < 5; round += 1) use(breaker, ...FIVE.slice(1), 'well');
    expect(states).toEqual([]);
  });

  test('takes no notice of what says nothing about the provider [S13]', () => {
    const { breaker, states } = createWorld();
    for (let count = 0; count < 20; count += 1) use(breaker, 'undecided');
    expect(states).toEqual([]);
    use(breaker, 'failed', 'failed', 'failed', 'failed', 'undecided', 'failed');
    expect(states).toEqual(['open']);
  });

  test('lets one probe through at a time, and closes when it is well [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    expect(breaker.enter()).toBe('probe');
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    breaker.leave('probe', 'well');
    expect(states).toEqual(['open', 'closed']);
    expect([breaker.enter(), breaker.enter()]).toEqual(['pass', 'pass']);
  });

  test('begins to count anew once it has closed [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'well', ...FIVE.slice(1));
    expect(states).toEqual(['open', 'closed']);
    use(breaker, 'failed');
    expect(states).toEqual(['open', 'closed', 'open']);
  });

  test('stays open for 30 s more when the probe fails, and says so once [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'failed');
    advance(29_999);
    expect(breaker.enter()).toBeUndefined();
    advance(1);
    use(breaker, 'well');
    expect(states).toEqual(['open', 'closed']);
  });

  test('lets the next one probe when the first has decided nothing [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, ...FIVE);
    advance(30_000);
    use(breaker, 'undecided', 'undecided', 'well');
    expect(states).toEqual(['open', 'closed']);
  });

  test.each(['well', 'failed'] as const)(
    'an answer that is %s and was asked for before it opened changes nothing [S13]',
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
