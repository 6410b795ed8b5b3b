import { createMemoryStore, type Window } from '@otp/core';
import type { Limit, OtpStore, Tally } from '@otp/core/store';
import { describe, expect, it } from 'vitest';
import { type StoreHarness, storeCases } from './store-suite.js';
import { createOp } from './store-world.js';

/** Every verb passed on, so that a fault replaces some of them. */
function passOn(store: OtpStore): OtpStore {
  return {
    open: (record, limits) => store.open(record, limits),
    reserveCheck: (id, binding, op) => store.reserveCheck(id, binding, op),
    reserveSend: (id, limits, op) => store.reserveSend(id, limits, op),
    cancel: (id, send, refunds) => store.cancel(id, send, refunds),
    recordChannel: (id, send, channel) => store.recordChannel(id, send, channel),
    claim: (id, op) => store.claim(id, op),
    charge: (limits, op) => store.charge(limits, op),
    refund: (limits) => store.refund(limits),
    tally: (tallies) => store.tally(tallies),
    reset: (keys) => store.reset(keys),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

const nextTurn = () => new Promise(setImmediate);
const withLimits =
  (change: (limit: Limit) => Limit) =>
  (store: OtpStore): Partial<OtpStore> => ({
    open: (record, limits) => store.open(record, limits.map(change)),
    charge: (limits, op) => store.charge(limits.map(change), op),
  });

const withWindows = (change: (window: Window) => Partial<Window>) =>
  withLimits((limit) => ({
    ...limit,
    windows: limit.windows.map((window) => ({ ...window, ...change(window) })),
  }));

const withTallies =
  (change: (tally: Tally) => Partial<Tally>) =>
  (store: OtpStore): Partial<OtpStore> => ({
    tally: (tallies) => store.tally(tallies.map((each) => ({ ...each, ...change(each) }))),
  });

/** Each breaks one sentence of the port; `noticed` is part of the title of a case that fails. */
const FAULTY: readonly (readonly [
  fault: string,
  noticed: string,
  (store: OtpStore) => Partial<OtpStore>,
])[] = [
  [
    'charges nothing at open',
    'open: charges every limit',
    (store) => ({
      open: (record) => store.open(record, []),
    }),
  ],
  [
    'charges what it can at open when one limit refuses',
    'no other limit charged',
    (store) => ({
      async open(record, limits) {
        const refused = limits.length === 0 ? undefined : await store.charge(limits, createOp());
        if (refused?.ok === false) {
          for (const limit of limits) await store.charge([limit], createOp());
          return refused;
        }
        return store.open(record, []);
      },
    }),
  ],
  [
    'writes the record although a limit refuses',
    'no record is written',
    (store) => ({
      async open(record, limits) {
        const answer = await store.open(record, limits);
        if (!answer.ok) await store.open(record, []);
        return answer;
      },
    }),
  ],
  [
    'names the last full limit',
    'the first of several full limits',
    (store) => ({
      open: (record, limits) => store.open(record, limits.toReversed()),
    }),
  ],
  [
    'refuses an id that is open already',
    'the same id twice',
    (store) => {
      const ids = new Set<string>();
      return {
        async open(record, limits) {
          if (ids.has(record.id)) return { ok: false, limit: 'recipient', retryAfterSeconds: 1 };
          ids.add(record.id);
          return store.open(record, limits);
        },
      };
    },
  ],
  [
    'reads the guesses before it counts one',
    '100 at once pass exactly as often',
    (store) => ({
      async reserveCheck(id, binding, op) {
        const answer = await store.reserveCheck(id, binding, op);
        await nextTurn();
        return answer.ok
          ? answer
          : store.reserveCheck(id, binding, op).then(() => ({
              ok: true,
              record: { sealed: '', remainingMs: 1 },
              triesLeft: 0,
            }));
      },
    }),
  ],
  [
    'counts every repeat of a check',
    'a repeat gets the first result',
    (store) => ({
      reserveCheck: (id, binding) => store.reserveCheck(id, binding, createOp()),
    }),
  ],
  [
    'accepts any binding',
    'is a mismatch',
    (store) => {
      const bindings = new Map<string, string | null>();
      return {
        open(record, limits) {
          bindings.set(record.id, record.binding);
          return store.open(record, limits);
        },
        reserveCheck: (id, _, op) => store.reserveCheck(id, bindings.get(id) ?? null, op),
      };
    },
  ],
  [
    'treats no binding as an empty one',
    '""',
    (store) => ({
      reserveCheck: (id, binding, op) => store.reserveCheck(id, binding || null, op),
    }),
  ],
  [
    'counts every repeat of a send',
    'reserveSend: a repeat',
    (store) => ({
      reserveSend: (id, limits) => store.reserveSend(id, limits, createOp()),
    }),
  ],
  [
    'charges no limit for a send',
    'reserveSend: charges',
    (store) => ({
      reserveSend: (id, _, op) => store.reserveSend(id, [], op),
    }),
  ],
  [
    'charges for a send before it is allowed',
    'if the interval refuses',
    (store) => ({
      async reserveSend(id, limits, op) {
        const charged = limits.length === 0 ? undefined : await store.charge(limits, op);
        return charged?.ok === false ? charged : store.reserveSend(id, [], op);
      },
    }),
  ],
  [
    'ignores intervals',
    'refuses within the interval',
    (store) => ({
      open: (record, limits) => store.open({ ...record, gapsSeconds: [] }, limits),
    }),
  ],
  [
    'ignores all intervals but the first',
    'after the first send',
    (store) => ({
      open: (record, limits) =>
        store.open({ ...record, gapsSeconds: record.gapsSeconds.slice(0, 1) }, limits),
    }),
  ],
  [
    'ignores the number of sends',
    'never exceed the number',
    (store) => ({
      open: (record, limits) => store.open({ ...record, maxSends: 1_000 }, limits),
    }),
  ],
  ['cancels nothing', 'cancel: of an open, deletes', () => ({ cancel: async () => {} })],
  [
    'gives back nothing with a cancel',
    'gives its limits back',
    (store) => ({
      cancel: (id, send) => store.cancel(id, send, []),
    }),
  ],
  [
    'gives back with every cancel',
    'give back once',
    (store) => ({
      async cancel(id, send, refunds) {
        await store.cancel(id, send, []);
        await store.refund(refunds);
      },
    }),
  ],
  ['keeps no channel', 'recordChannel', () => ({ recordChannel: async () => {} })],
  [
    'returns true for every claim',
    '100 at once are true for exactly one op',
    () => ({ claim: async () => true }),
  ],
  [
    'reads before it claims',
    '100 at once are true for exactly one op',
    (store) => {
      const claimed = new Set<string>();
      return {
        async claim(id, op) {
          if (claimed.has(id)) return false;
          await nextTurn();
          await store.claim(id, op);
          claimed.add(id);
          return true;
        },
      };
    },
  ],
  [
    'returns false for a repeated claim',
    'and for its repeats',
    (store) => {
      const ops = new Set<string>();
      return {
        async claim(id, op) {
          if (ops.has(op)) return false;
          ops.add(op);
          return store.claim(id, op);
        },
      };
    },
  ],
  [
    'charges what it can',
    'all limits or none',
    (store) => ({
      async charge(limits, op) {
        for (const limit of limits) {
          const answer = await store.charge([limit], op);
          if (!answer.ok) return answer;
        }
        return { ok: true };
      },
    }),
  ],
  [
    'counts every repeat of a charge',
    'charge: a repeat',
    (store) => ({
      charge: (limits) => store.charge(limits, createOp()),
    }),
  ],
  ['takes the cost of 0 for 1', 'cost 0', withLimits((limit) => ({ ...limit, cost: 1 }))],
  ['admits one more', 'exactly max', withWindows(({ max }) => ({ max: max + 1 }))],
  ['admits one less', 'exactly max', withWindows(({ max }) => ({ max: max - 1 }))],
  ['keeps windows forever', 'ends after its length', withWindows(() => ({ windowSeconds: 1e6 }))],
  [
    'ignores all windows but the first',
    'room in every window',
    withLimits((limit) => ({ ...limit, windows: limit.windows.slice(0, 1) })),
  ],
  ['knows no gaps', 'gap', withLimits(({ gapsSeconds: _, ...limit }) => limit)],
  ['gives nothing back', 'refund: gives back', () => ({ refund: async () => {} })],
  [
    'gives all back',
    'refund: gives back one',
    (store) => ({
      refund: (limits) => store.reset(limits.map(({ key }) => key)),
    }),
  ],
  [
    'returns messages after `until`',
    'to the second',
    withTallies(({ until }) => ({ until: until + 60 })),
  ],
  ['returns all messages', 'the newest `enough`', withTallies(() => ({ enough: 1_000 }))],
  ['counts no success', 'messages and successes', withTallies(() => ({ verified: 0 }))],
  [
    'counts successes of messages that are unknown',
    'a success counts with its message',
    (store) => ({
      tally: async (tallies) => {
        const answers = await store.tally(tallies);
        return answers.map(({ sent, verified }, place) => ({
          sent,
          verified: verified + (tallies[place]?.verified ?? 0),
        }));
      },
    }),
  ],
  ['resets nothing', 'reset: forgets', () => ({ reset: async () => {} })],
];

function createHarness(fault: (store: OtpStore) => Partial<OtpStore>): StoreHarness {
  let now = Date.UTC(2026, 0, 1);
  return {
    async createStore() {
      const store = createMemoryStore({ now: () => now });
      return { ...passOn(store), ...fault(store) };
    },
    async advance(ms) {
      now += ms;
    },
  };
}

async function failuresOf(fault: (store: OtpStore) => Partial<OtpStore>): Promise<string[]> {
  const outcomes = await Promise.allSettled(storeCases.map(({ run }) => run(createHarness(fault))));
  return storeCases
    .filter((_, index) => outcomes[index]?.status === 'rejected')
    .map(({ name }) => name);
}

describe('store conformance: a faulty store fails', () => {
  it.each(FAULTY)('one that %s', async (_, noticed, fault) => {
    const failures = await failuresOf(fault);
    expect(failures.filter((name) => name.includes(noticed))).not.toEqual([]);
  });

  it('and the same store without a fault passes', async () => {
    expect(await failuresOf(() => ({}))).toEqual([]);
  });

  it('and one whose second client claims what the first has', async () => {
    const harness: StoreHarness = {
      ...createHarness(() => ({})),
      createPeer: async (store) => ({ ...passOn(store), claim: async () => true }),
    };
    const [race] = storeCases.filter(({ name }) => name.startsWith('claim: 100 at once'));
    await expect(race?.run(harness)).rejects.toThrow();
  });
});
