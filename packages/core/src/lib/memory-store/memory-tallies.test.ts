import { beforeEach, describe, expect, it } from 'vitest';
import type { Tally } from '../ports.js';
import { MemoryTallies } from './memory-tallies.js';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** In seconds, as the times in a tally are; the store's own clock, in milliseconds, starts at 0. */
const START = 1_000_000;

let tallies: MemoryTallies;
beforeEach(() => {
  tallies = new MemoryTallies();
});

type Asked = Partial<Tally>;

const toTally = (changes: Asked): Tally => ({
  key: 'key',
  at: START,
  until: START,
  enough: 100,
  ...changes,
});

const ask = (changes: Asked = {}, now = 0) => tallies.read(toTally(changes), now);
const verify = (changes: Asked = {}) => tallies.count(toTally(changes), 'verified', 0);

/** Opened so many seconds after the start. */
const send = (seconds = 0, now = 0, changes: Asked = {}) =>
  tallies.count(toTally({ at: START + seconds, ...changes }), 'sent', now);

describe('MemoryTallies', () => {
  it('counts messages and successes by the second in which the message was opened', () => {
    send();
    send();
    send(1);
    verify();
    expect(ask()).toEqual({ sent: 2, verified: 1 });
    expect(ask({ until: START + 1 })).toEqual({ sent: 3, verified: 1 });
  });

  it('accepts messages in any order', () => {
    send(2);
    send(0);
    send(1);
    expect(ask({ until: START + 1 })).toEqual({ sent: 2, verified: 0 });
    expect(ask({ until: START + 2 })).toEqual({ sent: 3, verified: 0 });
  });

  it('counts no more successes than messages, and none for an unknown message', () => {
    send();
    verify();
    verify();
    verify({ at: START - 1 });
    expect(ask()).toEqual({ sent: 1, verified: 1 });
  });

  it('keeps nothing for a key that only had a success', () => {
    verify();
    expect(ask()).toEqual({ sent: 0, verified: 0 });
    expect(tallies.size).toBe(0);
  });

  it('ignores messages that are a day old', () => {
    send();
    expect(ask({ until: START + DAY_SECONDS - 1 })).toEqual({ sent: 1, verified: 0 });
    expect(ask({ until: START + DAY_SECONDS })).toEqual({ sent: 0, verified: 0 });
  });

  it('forgets messages older than those that make enough', () => {
    const until = START + 2;
    for (const seconds of [0, 1, 2]) send(seconds, 0, { until, enough: 2 });
    expect(ask({ until, enough: 2 })).toEqual({ sent: 2, verified: 0 });
    expect(ask({ until })).toEqual({ sent: 2, verified: 0 });
  });

  it('expires a day after the last message, even if it was read since', () => {
    send();
    send(0, 10);
    expect(ask({}, DAY_MS + 9)).toEqual({ sent: 2, verified: 0 });
    expect(ask({}, DAY_MS + 10)).toEqual({ sent: 0, verified: 0 });
    send(0, DAY_MS + 10);
    expect(ask({}, DAY_MS + 10)).toEqual({ sent: 1, verified: 0 });
  });

  it('drops expired keys in a sweep, one key, or all keys', () => {
    for (const key of ['first', 'second', 'third']) send(0, 0, { key });
    tallies.sweep(DAY_MS - 1, 10);
    expect(tallies.size).toBe(3);
    tallies.delete('first');
    expect(tallies.size).toBe(2);
    send(0, 1, { key: 'fourth' });
    tallies.sweep(DAY_MS, 10);
    expect(tallies.size).toBe(1);
    tallies.clear();
    expect(tallies.size).toBe(0);
  });
});
