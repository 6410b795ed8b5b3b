import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limit, NewRecord, OtpStore, Refused, Window } from '@otp/core/store';

/** What a store's author provides. Every case takes random ids and keys, so nothing has to be flushed. */
export interface StoreHarness {
  /** A store of its own for each case; the database behind it may be shared. Cases close it. */
  createStore(): Promise<OtpStore>;
  /** Another client of the same data, as a second process has; races then run over both. */
  createPeer?(store: OtpStore): Promise<OtpStore>;
  /** Moves the clock that the store goes by. Without it, cases wait for real, a few seconds at most. */
  advance?(ms: number): Promise<void>;
  /** The clock that the store goes by, in milliseconds since the epoch. @default Date.now */
  now?(): number;
  /**
   * Makes a record's life end two days earlier and leaves it where it is, for stores whose clean-up comes late.
   * Not needed beside `advance`.
   */
  age?(id: string): Promise<void>;
  /** All bytes that the store holds. Without it, what it was given is searched for secrets alone. */
  dump?(): Promise<Uint8Array>;
  /** Requests at once where cases race. @default 1_000 */
  readonly atOnce?: number;
  /** Wrong codes in a row where a case guesses on and on. @default 10_000 */
  readonly guesses?: number;
  /** Creates of each attack that is simulated. @default 1_000 */
  readonly creates?: number;
  /** How often cases race. @default 1 */
  readonly rounds?: number;
}

/** One promise of the store's contract. Independent of every other, so they may run at once. */
export interface StoreCase {
  readonly name: string;
  readonly run: (harness: StoreHarness) => Promise<void>;
}

/** Short enough to wait for, long enough for a busy machine to ask something within it. */
export const SHORT_SECONDS = 2;
const WAIT_SLACK_MS = 100;
const TWO_DAYS_SECONDS = 2 * 24 * 3600;

/** What a case works with. */
export interface StoreWorld {
  readonly store: OtpStore;
  /** Lets that much time pass for the store, and a little more where the clock is not ours. */
  wait(seconds: number): Promise<void>;
  /** Lets two days pass for a record that lives `SHORT_SECONDS`, or as long as it takes to end its life. */
  age(id: string): Promise<void>;
  /** Moves the clock to the millisecond; undefined where the clock is not ours. */
  readonly advance: ((ms: number) => Promise<void>) | undefined;
  /** Starts `count` calls at once, over every client of the data. */
  race<T>(count: number, call: (store: OtpStore, index: number) => Promise<T>): Promise<T[]>;
}

export function storeCase(name: string, body: (world: StoreWorld) => Promise<void>): StoreCase {
  return {
    name,
    async run(harness) {
      const store = await harness.createStore();
      const stores = [store];
      try {
        if (harness.createPeer !== undefined) stores.push(await harness.createPeer(store));
        await body(createWorld(harness, store, stores));
      } finally {
        await Promise.all(stores.map((each) => each.close()));
      }
    },
  };
}

function createWorld(
  { advance, age }: StoreHarness,
  store: OtpStore,
  stores: readonly OtpStore[],
): StoreWorld {
  const wait: StoreWorld['wait'] = (seconds) =>
    advance === undefined ? sleep(seconds * 1000 + WAIT_SLACK_MS) : advance(seconds * 1000);
  return {
    store,
    advance,
    wait,
    age: (id) => age?.(id) ?? wait(advance === undefined ? SHORT_SECONDS : TWO_DAYS_SECONDS),
    race: (count, call) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          call(stores[index % stores.length] ?? store, index),
        ),
      ),
  };
}

export function createOp(): string {
  return randomBytes(12).toString('base64url');
}

export function newRecord(changes: Partial<NewRecord> = {}): NewRecord {
  return {
    id: randomBytes(32).toString('base64url'),
    sealed: `1.kid_1-A.${randomBytes(120).toString('base64url')}`,
    binding: null,
    ttlSeconds: 600,
    maxTries: 5,
    maxSends: 5,
    gapsSeconds: [30, 60, 120, 240],
    ...changes,
  };
}

/** A limit of one window, which most cases need. */
export interface SingleLimit extends Limit {
  readonly max: number;
}

export function newLimit({
  max = 3,
  windowSeconds = 600,
  ...changes
}: Partial<Limit & Window> = {}): SingleLimit {
  return {
    key: randomBytes(32).toString('base64url'),
    name: 'recipient',
    max,
    windows: [{ max, windowSeconds }],
    ...changes,
  };
}

/** Opens a record under no limit and answers it. */
export async function opened(
  store: OtpStore,
  changes: Partial<NewRecord> = {},
): Promise<NewRecord> {
  const record = newRecord(changes);
  assert.deepEqual(await store.open(record, []), { ok: true });
  return record;
}

/** Takes what is left of a limit, and says how much that was. */
export async function takeRemaining(store: OtpStore, limit: Limit): Promise<number> {
  const { gapsSeconds: _, ...ungapped } = limit;
  const max = Math.min(...limit.windows.map((window) => window.max));
  for (let taken = 0; taken <= max; taken += 1) {
    const answer = await store.charge([ungapped], createOp());
    if (!answer.ok) return taken;
  }
  return assert.fail(`a limit of ${max} admitted more`);
}

/** Refused by that limit, with a wait in whole seconds that is neither nothing nor too long. */
export function assertRefused(
  answer: { readonly ok: boolean },
  limit: Refused['limit'],
  { from = 1, to }: { from?: number; to: number },
): void {
  assert.equal(answer.ok, false, `must be refused by ${limit}`);
  const refused = answer as Refused;
  assert.equal(refused.limit, limit, 'the name of the limit that refused');
  assert.ok(Number.isInteger(refused.retryAfterSeconds), 'retryAfterSeconds is a whole number');
  assert.ok(
    refused.retryAfterSeconds >= from && refused.retryAfterSeconds <= to,
    `retryAfterSeconds ${refused.retryAfterSeconds} must be from ${from} to ${to}`,
  );
}

export function countOk(answers: readonly { readonly ok: boolean }[]): number {
  return answers.filter(({ ok }) => ok).length;
}
