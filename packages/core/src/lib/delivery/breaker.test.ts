import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Health, type Parties } from './breaker.js';

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

/** `'a1'`: a message to the recipient `a`, requested from the network `1`; `'a'`: from an unknown one. */
function toParties(name: string): Parties {
  return { recipient: name.slice(0, 1), network: name.slice(1) || undefined };
}

/** Makes one attempt after the other; the breaker lets each through. */
function use(breaker: Breaker, health: Health, names: string): void {
  for (const name of names.split(' ')) {
    const permit = breaker.enter();
    if (permit === undefined) throw new Error('the breaker is open');
    breaker.leave(permit, health, toParties(name));
  }
}

function createOpen() {
  const world = createWorld();
  use(world.breaker, 'failed', FIVE);
  expect(world.states).toEqual(['open']);
  return world;
}

const FOUR = 'a1 b2 c3 d4';
const FIVE = `${FOUR} e5`;

describe('a breaker', () => {
  test('opens at the fifth failure in a row, for 30 s [S13]', () => {
    const { breaker, states, advance } = createWorld();
    use(breaker, 'failed', FOUR);
    expect(breaker.isReady()).toBe(true);
    use(breaker, 'failed', 'e5');
    expect(states).toEqual(['open']);
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    advance(29_999);
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    advance(1);
    expect(breaker.isReady()).toBe(true);
    expect(breaker.enter()).toBeDefined();
  });

  test.each([
    ['three recipients and two networks', 'a1 a1 a1 b1 c2'],
    ['three recipients, the third after five failures', 'a1 b2 a1 b2 a1 b2 c1'],
    ['two networks, the second after five failures', 'a1 b1 c1 d1 e1 f1 a2'],
    ['three recipients without addresses', 'a a a b c'],
    ['three recipients, one without an address', 'a1 a1 a1 b1 c'],
  ])('opens when failures are of %s: %s [S13]', (_, names) => {
    const { breaker, states } = createWorld();
    use(breaker, 'failed', names.slice(0, names.lastIndexOf(' ')));
    expect(states).toEqual([]);
    use(breaker, 'failed', names.slice(names.lastIndexOf(' ') + 1));
    expect(states).toEqual(['open']);
  });

  test.each([
    ['one client', 'a1 b1 c1 d1 e1 f1'],
    ['requests for one recipient', 'a1 a2 a3 a4 a5 a6'],
    ['requests for two recipients', 'a1 b2 a3 b4 a5 b6'],
    ['requests for two recipients without addresses', 'a b a b a b'],
  ])('is not opened by %s: %s [S15]', (_, names) => {
    const { breaker, states } = createWorld();
    for (let round = 0; round < 10; round += 1) use(breaker, 'failed', names);
    expect(states).toEqual([]);
  });

  test('counts failures in a row only, and recipients and networks of these [S13]', () => {
    const { breaker, states } = createWorld();
    for (let round = 0; round < 5; round += 1) {
      use(breaker, 'failed', FOUR);
      use(breaker, 'healthy', 'a1');
    }
    use(breaker, 'failed', 'a1 a1 a1 a1 a1 a1');
    expect(states).toEqual([]);
  });

  test('ignores outcomes that say nothing about the provider [S13]', () => {
    const { breaker, states } = createWorld();
    for (let round = 0; round < 4; round += 1) use(breaker, 'undecided', FIVE);
    expect(states).toEqual([]);
    use(breaker, 'failed', FOUR);
    use(breaker, 'undecided', 'x6');
    use(breaker, 'failed', 'e5');
    expect(states).toEqual(['open']);
  });

  test('lets one probe through at a time and closes when it is healthy [S13]', () => {
    const { breaker, states, advance } = createOpen();
    advance(30_000);
    const probe = breaker.enter() ?? expect.fail('there is no probe');
    expect([breaker.isReady(), breaker.enter()]).toEqual([false, undefined]);
    breaker.leave(probe, 'healthy', toParties('a1'));
    expect(states).toEqual(['open', 'closed']);
    expect([breaker.enter(), breaker.enter()]).not.toContain(undefined);
  });

  test('counts from zero after it has closed [S13]', () => {
    const { breaker, states, advance } = createOpen();
    advance(30_000);
    use(breaker, 'healthy', 'a1');
    use(breaker, 'failed', FOUR);
    expect(states).toEqual(['open', 'closed']);
    use(breaker, 'failed', 'e5');
    expect(states).toEqual(['open', 'closed', 'open']);
  });

  test('stays open for another 30 s when two probes fail, without another event [S13]', () => {
    const { breaker, states, advance } = createOpen();
    advance(30_000);
    use(breaker, 'failed', 'a1 b2');
    advance(29_999);
    expect(breaker.enter()).toBeUndefined();
    advance(1);
    // Now the last two failed probes are of other parties after one more.
    use(breaker, 'failed', 'a1');
    expect(breaker.enter()).toBeUndefined();
    advance(30_000);
    use(breaker, 'healthy', 'b2');
    expect(states).toEqual(['open', 'closed']);
  });

  test.each([
    ['of one client', 'a1 b1 c1 d1 e1'],
    ['for one recipient', 'a1 a2 a3 a4 a5'],
    ['for one recipient without addresses', 'a a a a a'],
  ])('is not kept open by failing probes %s: %s [S13, S15]', (_, names) => {
    const { breaker, states, advance } = createOpen();
    advance(30_000);
    use(breaker, 'failed', names);
    // Nor does a probe that does not settle.
    expect(breaker.enter()).toBeDefined();
    use(breaker, 'healthy', 'f6');
    expect(states).toEqual(['open', 'closed']);
  });

  test('is kept open by failing probes for two recipients without addresses [S13]', () => {
    const { breaker, advance } = createOpen();
    advance(30_000);
    use(breaker, 'failed', 'a b');
    expect(breaker.enter()).toBeUndefined();
  });

  test('forgets a failed probe when it closes [S13]', () => {
    const { breaker, advance } = createOpen();
    advance(30_000);
    use(breaker, 'failed', 'a1');
    use(breaker, 'healthy', 'c3');
    use(breaker, 'failed', FIVE);
    advance(30_000);
    use(breaker, 'failed', 'b2');
    expect(breaker.enter()).toBeDefined();
  });

  test('lets another probe through when the first was undecided [S13]', () => {
    const { breaker, states, advance } = createOpen();
    advance(30_000);
    use(breaker, 'undecided', 'a1 b2');
    use(breaker, 'healthy', 'c3');
    expect(states).toEqual(['open', 'closed']);
  });

  test.each(['healthy', 'failed'] as const)(
    'ignores a %s attempt that began before it opened [S13]',
    (late) => {
      const { breaker, states, advance } = createWorld();
      const early = breaker.enter() ?? expect.fail('the breaker is open');
      use(breaker, 'failed', FIVE);
      advance(20_000);
      breaker.leave(early, late, toParties('f6'));
      advance(10_000);
      expect(breaker.enter()).toBeDefined();
      expect(breaker.enter()).toBeUndefined();
      expect(states).toEqual(['open']);
    },
  );

  test.each(['healthy', 'failed'] as const)(
    'ignores a %s probe that began before it was kept open [S13]',
    (late) => {
      const { breaker, states, advance } = createOpen();
      advance(30_000);
      use(breaker, 'failed', 'a1');
      const early = breaker.enter() ?? expect.fail('there is no probe');
      use(breaker, 'failed', 'b2');
      breaker.leave(early, late, toParties('c3'));
      expect(breaker.enter()).toBeUndefined();
      expect(states).toEqual(['open']);
    },
  );
});
