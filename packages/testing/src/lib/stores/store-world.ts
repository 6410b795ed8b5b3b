import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Completed,
  Completion,
  Guess,
  Limit,
  NewRecord,
  OtpStore,
  Refused,
  Window,
} from '@otp/core/store';

/** What the author of a store provides. Cases use random ids and keys, so that nothing has to be cleared between them. */
export interface StoreHarness {
  /** Returns a store for one case, which closes it. The data may be shared. */
  createStore(): Promise<OtpStore>;
  /** Returns another client of the same data, as a second process has it, so that races use both. @default none */
  createPeer?(store: OtpStore): Promise<OtpStore>;
  /** Moves the clock of the store. @default cases wait for real, a few seconds each */
  advance?(ms: number): Promise<void>;
  /** The clock of the store, in milliseconds since the epoch. @default Date.now */
  now?(): number;
  /**
   * Lets a record expire two days ago and keeps it, for stores with late clean-up. Not needed with `advance`.
   * @default cases wait until the record expires
   */
  age?(id: string): Promise<void>;
  /**
   * Returns all bytes that the store holds, which are searched for secrets and for limits of refused calls.
   * @default only its calls are searched
   */
  dump?(): Promise<Uint8Array>;
  /** Requests at once in a race. @default 1_000 */
  readonly atOnce?: number;
  /** Wrong codes in a row in the case that guesses on and on. @default 10_000 */
  readonly guesses?: number;
  /** Verifications in the case that searches the store for secrets. @default 1_000 */
  readonly verifications?: number;
  /** Creates of each simulated attack. @default 1_000 */
  readonly creates?: number;
  /** How often each race runs. @default 1 */
  readonly rounds?: number;
}

/** A case of a suite for stores. Cases are independent and may run at the same time. */
export interface StoreCase {
  readonly name: string;
  /** Rejects with an `AssertionError` if the store breaks the contract. */
  readonly run: (harness: StoreHarness) => Promise<void>;
}

/** Short enough to wait for, long enough for a call on a busy machine. */
export const SHORT_SECONDS = 2;
const WAIT_SLACK_MS = 100;
const TWO_DAYS_SECONDS = 2 * 24 * 3600;

/** The store of one case, and its time. */
export interface StoreWorld {
  readonly store: OtpStore;
  /** Lets that much time pass for the store, and a little more if its clock cannot be moved. */
  wait(seconds: number): Promise<void>;
  /** Lets a record that lives `SHORT_SECONDS` expire, two days ago if possible. */
  age(id: string): Promise<void>;
  /** Moves the clock; undefined if it cannot be moved. */
  readonly advance: ((ms: number) => Promise<void>) | undefined;
  /** Returns all bytes that the store holds; undefined if it cannot. */
  readonly dump: (() => Promise<Uint8Array>) | undefined;
  /** Starts `count` calls at once, on all clients of the data. */
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
  { advance, age, dump }: StoreHarness,
  store: OtpStore,
  stores: readonly OtpStore[],
): StoreWorld {
  const wait: StoreWorld['wait'] = (seconds) =>
    advance === undefined ? sleep(seconds * 1000 + WAIT_SLACK_MS) : advance(seconds * 1000);
  return {
    store,
    advance,
    dump,
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
    maxGuesses: 5,
    maxSends: 5,
    gapsSeconds: [30, 60, 120, 240],
    ...changes,
  };
}

/** A guess in the standalone flow, without limits. */
export function newGuess(changes: Partial<Guess> = {}): Guess {
  return { binding: null, limits: [], op: createOp(), ...changes };
}

/** A success that changes the record alone. */
export function newCompletion(changes: Partial<Completion> = {}): Completion {
  return { op: createOp(), guess: [], create: [], reset: [], tallies: [], ...changes };
}

/** A limit with one window. */
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

/** The limit of a challenge token, which one verification uses up. */
export function newToken(): SingleLimit {
  return newLimit({ name: 'token_used', max: 1 });
}

export const OPENED = { ok: true, tallied: [] } as const;
export const GONE = { ok: false, why: 'gone' } as const;
export const TOKEN_USED = { ok: false, why: 'token_used' } as const;

/** Opens a record and returns it. */
export async function opened(
  store: OtpStore,
  changes: Partial<NewRecord> = {},
  limits: readonly Limit[] = [],
): Promise<NewRecord> {
  const record = newRecord(changes);
  assert.deepEqual(await store.open(record, limits, []), OPENED);
  return record;
}

/** Counts a guess that must be allowed; returns how many are left. */
export async function guessed(store: OtpStore, id: string, op = createOp()): Promise<number> {
  const result = await store.reserveCheck(id, newGuess({ op }));
  assert.ok(result.ok, 'must be allowed');
  return result.guessesLeft;
}

/** Completes and waits until everything is written. */
export async function complete(
  store: OtpStore,
  id: string,
  changes: Partial<Completion> = {},
): Promise<{ readonly ok: true } | (Completed & { readonly ok: false })> {
  const completed = await store.complete(id, newCompletion(changes));
  if (!completed.ok) return completed;
  await completed.settled;
  return { ok: true };
}

/** Charges a limit until it refuses; returns how often it admitted. */
export async function takeRemaining(store: OtpStore, limit: Limit): Promise<number> {
  const { gapsSeconds: _, ...ungapped } = limit;
  const max = Math.min(...limit.windows.map((window) => window.max));
  for (let taken = 0; taken <= max; taken += 1) {
    const result = await store.charge([ungapped], createOp());
    if (!result.ok) return taken;
  }
  return assert.fail(`a limit of ${max} must not admit more`);
}

/** Asserts a refusal by that limit, with a wait in that range. */
export function assertRefused(
  result: { readonly ok: boolean },
  limit: Refused['limit'],
  { from = 1, to }: { from?: number; to: number },
): void {
  assert.equal(result.ok, false, `must be refused by ${limit}`);
  const refused = result as Refused;
  assert.equal(refused.limit, limit, 'the name of the limit that refused');
  assert.ok(Number.isInteger(refused.retryAfterSeconds), 'retryAfterSeconds must be an integer');
  assert.ok(
    refused.retryAfterSeconds >= from && refused.retryAfterSeconds <= to,
    `retryAfterSeconds ${refused.retryAfterSeconds} must be from ${from} to ${to}`,
  );
}

export function countOk(results: readonly { readonly ok: boolean }[]): number {
  return results.filter(({ ok }) => ok).length;
}
