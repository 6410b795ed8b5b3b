import { createMemoryStore, type Window } from '@otp/core';
import type {
  Completion,
  Guess,
  Limit,
  NewRecord,
  OtpStore,
  Refused,
  Tally,
} from '@otp/core/store';
import { describe, expect, it } from 'vitest';
import { type StoreHarness, storeCases } from './store-suite.js';
import { createOp, GONE, newGuess, newRecord, newToken, TOKEN_USED } from './store-world.js';

/** Every verb passed on, so that a fault replaces some of them. */
function passOn(store: OtpStore): OtpStore {
  return {
    open: (...args) => store.open(...args),
    read: (id) => store.read(id),
    reserveSend: (...args) => store.reserveSend(...args),
    recordSend: (...args) => store.recordSend(...args),
    cancel: (...args) => store.cancel(...args),
    reserveCheck: (...args) => store.reserveCheck(...args),
    complete: (...args) => store.complete(...args),
    charge: (...args) => store.charge(...args),
    reset: (keys) => store.reset(keys),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

const nextTurn = () => new Promise(setImmediate);
const withLimits =
  (change: (limit: Limit) => Limit) =>
  (store: OtpStore): Partial<OtpStore> => ({
    open: (record, limits, tallies) => store.open(record, limits.map(change), tallies),
    charge: (limits, op) => store.charge(limits.map(change), op),
  });

const withWindows = (change: (window: Window) => Partial<Window>) =>
  withLimits((limit) => ({
    ...limit,
    windows: limit.windows.map((window) => ({ ...window, ...change(window) })),
  }));

const withRecords =
  (change: (record: NewRecord) => Partial<NewRecord>) =>
  (store: OtpStore): Partial<OtpStore> => ({
    open: (record, ...more) => store.open({ ...record, ...change(record) }, ...more),
  });

const withGuesses =
  (change: (guess: Guess) => Partial<Guess>) =>
  (store: OtpStore): Partial<OtpStore> => ({
    reserveCheck: (id, guess) => store.reserveCheck(id, { ...guess, ...change(guess) }),
  });

const withCompletions =
  (change: (completion: Completion) => Partial<Completion>) =>
  (store: OtpStore): Partial<OtpStore> => ({
    complete: (id, completion) => store.complete(id, { ...completion, ...change(completion) }),
  });

const withTallies =
  (change: (tally: Tally) => Partial<Tally>) =>
  (store: OtpStore): Partial<OtpStore> => {
    const changed = (tallies: readonly Tally[]) =>
      tallies.map((each) => ({ ...each, ...change(each) }));
    return {
      open: (record, limits, tallies) => store.open(record, limits, changed(tallies)),
      recordSend: (id, send, { tallies, ...sent }) =>
        store.recordSend(id, send, { ...sent, tallies: changed(tallies) }),
    };
  };

const NEVER = { key: 'never counted', from: 1, maxGuesses: 1 };

/** Takes an event out of limits, gaps included. */
async function giveBack(store: OtpStore, limits: readonly Limit[]): Promise<void> {
  const { id } = newRecord();
  await store.open(newRecord({ id }), [], []);
  await store.cancel(id, 1, limits);
}

async function chargeOneByOne(
  store: OtpStore,
  limits: readonly Limit[],
  op: string,
): Promise<{ readonly ok: true } | Refused> {
  for (const [index, limit] of limits.entries()) {
    const result = await store.charge([limit], op);
    if (result.ok) continue;
    await nextTurn();
    await giveBack(store, limits.slice(0, index));
    return result;
  }
  return { ok: true };
}

/** Each breaks one sentence of the port; `noticed` is part of the title of a case that fails. */
const FAULTY: readonly (readonly [
  fault: string,
  noticed: string,
  (store: OtpStore) => Partial<OtpStore>,
])[] = [
  [
    'charges nothing at open',
    'open: charges every limit',
    (store) => ({ open: (record, _, tallies) => store.open(record, [], tallies) }),
  ],
  [
    'charges what it can at open when one limit refuses',
    'no other limit charged',
    (store) => ({
      async open(record, limits, tallies) {
        const refused = limits.length === 0 ? undefined : await store.charge(limits, createOp());
        if (refused?.ok === false) {
          for (const limit of limits) await store.charge([limit], createOp());
          return refused;
        }
        return store.open(record, [], tallies);
      },
    }),
  ],
  [
    'writes the record although a limit refuses',
    'no record is written',
    (store) => ({
      async open(record, limits, tallies) {
        const result = await store.open(record, limits, tallies);
        if (!result.ok) await store.open(record, [], tallies);
        return result;
      },
    }),
  ],
  [
    'names the last full limit',
    'the first of several full limits',
    (store) => ({
      open: (record, limits, tallies) => store.open(record, limits.toReversed(), tallies),
    }),
  ],
  [
    'refuses an id that is open already',
    'the same id twice',
    (store) => {
      const ids = new Set<string>();
      return {
        async open(record, ...more) {
          if (ids.has(record.id)) return { ok: false, limit: 'recipient', retryAfterSeconds: 1 };
          ids.add(record.id);
          return store.open(record, ...more);
        },
      };
    },
  ],
  [
    'writes all guesses, whatever a limit has counted',
    'open: writes a record with fewer guesses',
    withRecords(({ fewerGuesses, ...record }) => ({ ...record, fewerGuesses: NEVER })),
  ],
  [
    'writes fewer guesses for every record',
    'open: writes a record with fewer guesses',
    withRecords(({ fewerGuesses, maxGuesses }) => ({
      maxGuesses: fewerGuesses?.maxGuesses ?? maxGuesses,
    })),
  ],
  ['finds nothing', 'read: returns what is left', () => ({ read: async () => undefined })],
  [
    'counts a guess when it is read',
    'read: returns what is left',
    (store) => ({
      async read(id) {
        await store.reserveCheck(id, newGuess());
        return store.read(id);
      },
    }),
  ],
  [
    'reads the guesses before it counts one',
    '100 at once pass exactly as often',
    (store) => ({
      async reserveCheck(id, guess) {
        const result = await store.reserveCheck(id, guess);
        await nextTurn();
        if (result.ok) return result;
        await store.reserveCheck(id, guess);
        return { ok: true, record: { sealed: '' }, guessesLeft: 0 };
      },
    }),
  ],
  [
    'counts every repeat of a check',
    'a repeat gets the first result',
    withGuesses(() => ({ op: createOp() })),
  ],
  [
    'accepts any binding',
    'is a mismatch',
    (store) => {
      const bindings = new Map<string, string | null>();
      return {
        open(record, ...more) {
          bindings.set(record.id, record.binding);
          return store.open(record, ...more);
        },
        reserveCheck: (id, guess) =>
          store.reserveCheck(id, { ...guess, binding: bindings.get(id) ?? null }),
      };
    },
  ],
  [
    'treats no binding as an empty one',
    '""',
    withGuesses(({ binding }) => ({ binding: binding || null })),
  ],
  [
    'charges no limit for a guess',
    'reserveCheck: charges its limits',
    withGuesses(() => ({ limits: [] })),
  ],
  [
    'charges for a guess that it does not count',
    'what is gone or a mismatch charges no limit',
    (store) => ({
      async reserveCheck(id, { limits, ...guess }) {
        const charged = await store.charge(limits, guess.op);
        return charged.ok ? store.reserveCheck(id, { ...guess, limits: [] }) : charged;
      },
    }),
  ],
  [
    'gives a guess back if a limit refuses',
    'the guess stays counted',
    (store) => ({
      async reserveCheck(id, { limits, ...guess }) {
        const asked = limits.map((limit) => ({ ...limit, cost: 0 as const }));
        const found = await store.read(id);
        const refused = await store.charge(asked, guess.op);
        if (found !== undefined && !refused.ok) return refused;
        return store.reserveCheck(id, { ...guess, limits });
      },
    }),
  ],
  [
    'does not look at the token of a guess',
    'a token that another verification has used up refuses',
    withGuesses(() => ({ token: newToken() })),
  ],
  [
    'refuses the token that a verification has marked itself',
    'a token that this verification has marked passes',
    (store) => ({
      async reserveCheck(id, { token, ...guess }) {
        const asked = token === undefined ? [] : [{ ...token, cost: 0 as const }];
        const refused = await store.charge(asked, guess.op);
        return refused.ok ? store.reserveCheck(id, guess) : refused;
      },
    }),
  ],
  [
    'counts every repeat of a send',
    'reserveSend: a repeat',
    (store) => ({ reserveSend: (id, limits) => store.reserveSend(id, limits, createOp()) }),
  ],
  [
    'charges no limit for a send',
    'reserveSend: charges',
    (store) => ({ reserveSend: (id, _, op) => store.reserveSend(id, [], op) }),
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
  ['ignores intervals', 'refuses within the interval', withRecords(() => ({ gapsSeconds: [] }))],
  [
    'ignores all intervals but the first',
    'after the first send',
    withRecords(({ gapsSeconds }) => ({ gapsSeconds: gapsSeconds.slice(0, 1) })),
  ],
  [
    'ignores the number of sends',
    'never exceed the number',
    withRecords(() => ({ maxSends: 1_000 })),
  ],
  ['cancels nothing', 'cancel: of an open, deletes', () => ({ cancel: async () => {} })],
  [
    'gives back nothing with a cancel',
    'gives its limits back',
    (store) => ({ cancel: (id, send) => store.cancel(id, send, []) }),
  ],
  [
    'gives back all with a cancel',
    'cancel: gives back one event in every window',
    (store) => ({
      async cancel(id, send, refunds) {
        await store.cancel(id, send, []);
        await store.reset(refunds.map(({ key }) => key));
      },
    }),
  ],
  ['records no send', 'recordSend', () => ({ recordSend: async () => {} })],
  [
    'records the channel of an earlier send',
    'ignores the channel if a later send has been reserved',
    (store) => ({
      async recordSend(id, send, sent) {
        for (let later = send; later <= send + 1; later += 1)
          await store.recordSend(id, later, sent);
      },
    }),
  ],
  [
    'completes for everybody',
    'complete: 100 at once are ok for exactly one op',
    () => ({ complete: async () => ({ ok: true }) }),
  ],
  [
    'reads before it claims',
    'complete: 100 at once are ok for exactly one op',
    (store) => {
      const claimed = new Set<string>();
      return {
        async complete(id, completion) {
          if (claimed.has(id)) return GONE;
          await nextTurn();
          await store.complete(id, completion);
          claimed.add(id);
          return { ok: true };
        },
      };
    },
  ],
  [
    'knows no repeat of a success',
    'and for its repeats',
    withCompletions(() => ({ op: createOp() })),
  ],
  [
    'uses up no token',
    'complete: uses up the token',
    withCompletions(() => ({ token: newToken() })),
  ],
  [
    'marks the token without a check',
    'of two verifications of one token',
    (store) => ({
      async complete(id, { token, ...completion }) {
        const completed = await store.complete(id, completion);
        if (completed.ok && token !== undefined) await store.charge([token], id);
        return completed;
      },
    }),
  ],
  [
    'marks the token with the op of the request',
    'once a verification has marked the token, it alone can finish',
    (store) => ({
      async complete(id, { token, ...completion }) {
        const { op } = completion;
        const marked = token === undefined ? { ok: true } : await store.charge([token], op);
        return marked.ok ? store.complete(id, completion) : TOKEN_USED;
      },
    }),
  ],
  [
    'looks at the token before the record',
    'complete: gone comes before a used token',
    (store) => ({
      async complete(id, { token, ...completion }) {
        const marked = token === undefined ? { ok: true } : await store.charge([token], id);
        return marked.ok ? store.complete(id, completion) : TOKEN_USED;
      },
    }),
  ],
  ['forgets no counts with a success', 'complete: forgets', withCompletions(() => ({ reset: [] }))],
  ['gives no guess back', 'give back: one event', withCompletions(() => ({ guess: [] }))],
  ['gives no create back', 'give back: one event', withCompletions(() => ({ create: [] }))],
  [
    'gives back with every repeat of a success',
    'give back: once',
    (store) => ({
      async complete(id, completion) {
        const completed = await store.complete(id, completion);
        if (completed.ok) await giveBack(store, completion.guess);
        return completed;
      },
    }),
  ],
  [
    'gives creates back without a bound',
    'at most ten times in 24 hours',
    withCompletions(({ guess, create }) => ({ guess: [...guess, ...create], create: [] })),
  ],
  [
    'gives guesses back as it does creates',
    'give back: the events of guesses without such a bound',
    withCompletions(({ guess, create }) => ({ create: [...guess, ...create], guess: [] })),
  ],
  [
    'lets gaps shrink with a success',
    'give back: the gap stays and the next gap grows',
    (store) => ({
      async complete(id, { create, ...completion }) {
        const completed = await store.complete(id, { ...completion, create: [] });
        if (completed.ok) await giveBack(store, create);
        return completed;
      },
    }),
  ],
  [
    'charges what it can',
    'all limits or none',
    (store) => ({
      async charge(limits, op) {
        for (const limit of limits) {
          const result = await store.charge([limit], op);
          if (!result.ok) return result;
        }
        return { ok: true };
      },
    }),
  ],
  [
    'charges for a moment what it takes back',
    'share: refused calls of one share take nothing from another',
    (store) => ({
      charge: (limits, op) => chargeOneByOne(store, limits, op),
      async open(record, limits, tallies) {
        const charged = await chargeOneByOne(store, limits, createOp());
        return charged.ok ? store.open(record, [], tallies) : charged;
      },
    }),
  ],
  ['knows no shares', 'share: counts for itself', withLimits(({ share: _, ...limit }) => limit)],
  [
    'forgets one share',
    'reset: forgets all shares',
    (store) => {
      const keyOf = ({ key, share }: Limit) => (share === undefined ? key : `${key} ${share}`);
      return withLimits((limit) => ({ ...limit, key: keyOf(limit) }))(store);
    },
  ],
  [
    'counts every repeat of a charge',
    'charge: a repeat',
    (store) => ({ charge: (limits) => store.charge(limits, createOp()) }),
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
  [
    'undoes a charge by the windows of the call',
    'whose windows shrink from call to call',
    (store) => {
      // As if each length of a window were counted for itself: only a call of the same length undoes it.
      const lengthOf = ({ windows }: Limit) => windows.map(({ windowSeconds }) => windowSeconds);
      return {
        async open(record, limits, tallies) {
          const byLength = limits.map((each) => ({
            ...each,
            key: `${each.key} ${lengthOf(each)}`,
          }));
          return store.open(record, byLength, tallies);
        },
      };
    },
  ],
  [
    'returns messages after `until`',
    'to the second',
    withTallies(({ until }) => ({ until: until + 60 })),
  ],
  ['returns all messages', 'the newest `enough`', withTallies(() => ({ enough: 1_000 }))],
  ['counts no message', 'messages and successes', withTallies(() => ({ key: 'another' }))],
  ['counts no success', 'messages and successes', withCompletions(() => ({ tallies: [] }))],
  [
    'counts messages that are only read',
    'tally: counts messages and successes; reading counts none',
    (store) => ({
      async open(record, limits, tallies) {
        const opened = await store.open(record, limits, tallies);
        await store.recordSend(record.id, 1, { tallies });
        return opened;
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

/** Whether one of the cases whose name contains `noticed` fails. */
async function fails(
  fault: (store: OtpStore) => Partial<OtpStore>,
  noticed = '',
): Promise<boolean> {
  const cases = storeCases.filter(({ name }) => name.includes(noticed));
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run(createHarness(fault))));
  return outcomes.some(({ status }) => status === 'rejected');
}

describe('store conformance: a faulty store fails', () => {
  it.each(FAULTY)('one that %s', async (_, noticed, fault) => {
    expect(await fails(fault, noticed)).toBe(true);
  });

  it('and the same store without a fault passes', async () => {
    expect(await fails(() => ({}))).toBe(false);
  });

  it('and one whose second client completes what the first has', async () => {
    const harness: StoreHarness = {
      ...createHarness(() => ({})),
      createPeer: async (store) => ({ ...passOn(store), complete: async () => ({ ok: true }) }),
    };
    const [race] = storeCases.filter(({ name }) => name.startsWith('complete: 100 at once'));
    await expect(race?.run(harness)).rejects.toThrow();
  });
});
