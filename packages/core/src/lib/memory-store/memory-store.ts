import * as v from 'valibot';
import { gapMsAfter } from '../limits/intervals.js';
import { toRefused } from '../limits/refusal.js';
import type {
  Channel,
  CheckReservation,
  Completed,
  Completion,
  Guess,
  Limit,
  NewRecord,
  Opened,
  OpenRecord,
  OtpStore,
  RecordStatus,
  Refused,
  SendReservation,
  SentMessage,
  Tally,
} from '../ports.js';
import { fn, integer, optionsOf, parseOptions } from '../util/schema.js';
import { ExpiringMap } from './expiring-map.js';
import { MemoryLimits } from './memory-limits.js';
import { MemoryTallies } from './memory-tallies.js';
import { createSteadyClock } from './steady-clock.js';

/** The size of a memory store, and its clock. */
export interface MemoryStoreOptions {
  /** Most live verifications. While there are as many, `open` rejects. @default 100_000 */
  readonly maxVerifications?: number;
  /** Most counters of limits, of which a verification needs about ten. While there are as many, `open` rejects. @default 1_000_000 */
  readonly maxLimits?: number;
  /** Milliseconds since the epoch. @default the system's clock, but it never goes back */
  readonly now?: () => number;
}

const schema = optionsOf<MemoryStoreOptions>()({
  maxVerifications: v.optional(integer(1, Number.MAX_SAFE_INTEGER), 100_000),
  maxLimits: v.optional(integer(1, Number.MAX_SAFE_INTEGER), 1_000_000),
  now: v.optional(fn<() => number>()),
});

interface Entry extends Omit<NewRecord, 'id' | 'ttlSeconds' | 'fewerGuesses'> {
  readonly openedAt: number;
  readonly endsAt: number;
  /** Sends that count against `maxSends`. */
  sends: number;
  /** Number of the last send that was reserved. */
  lastSend: number;
  /** Whether the last send still counts, so that it can be cancelled. */
  isSendOpen: boolean;
  nextSendAt: number;
  /** The `op` of each guess that was counted, in order. */
  readonly checkOps: string[];
  /** The numbers of the sends after the first, by `op`. */
  readonly sendOps: Map<string, number>;
  channel: Channel | undefined;
  /** The `op` that has claimed the verification. */
  claimedBy: string | undefined;
}

/** Items that a full store looks at for expired ones before it rejects. */
const FULL_STEPS = 256;

/**
 * Creates a store that keeps everything in the memory of this process, for development, tests, and hosts of one process
 * that can lose all verifications at a restart. A full store rejects new verifications; it never drops a live one.
 *
 * @param options how many verifications and limits it keeps, and its clock
 * @returns the store; in production it emits the process warning `OTP_MEMORY_STORE`
 * @throws TypeError if an option is invalid
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): OtpStore {
  const { maxVerifications, maxLimits, now } = parseOptions(schema, options, 'createMemoryStore()');
  warnInProduction();
  return new MemoryStore(maxVerifications, maxLimits, now ?? createSteadyClock());
}

function warnInProduction(): void {
  if (process.env.NODE_ENV === 'production') {
    process.emitWarning(
      'The memory store forgets everything at a restart and is not shared between processes. Use a database store in production.',
      { code: 'OTP_MEMORY_STORE' },
    );
  }
}

/** Each method runs to its end in one turn of the event loop, which makes it atomic. */
class MemoryStore implements OtpStore {
  readonly #entries = new ExpiringMap<Entry>();
  readonly #counters = new MemoryLimits();
  readonly #tallies = new MemoryTallies();
  readonly #maxVerifications: number;
  readonly #maxLimits: number;
  readonly #now: () => number;

  constructor(maxVerifications: number, maxLimits: number, now: () => number) {
    this.#maxVerifications = maxVerifications;
    this.#maxLimits = maxLimits;
    this.#now = now;
  }

  async open(
    record: NewRecord,
    limits: readonly Limit[],
    tallies: readonly Tally[],
  ): Promise<Opened | Refused> {
    const now = this.#now();
    const { id } = record;
    const tallied = tallies.map((each) => this.#tallies.read(each, now));
    if (this.#entries.get(id) !== undefined) return { ok: true, tallied };
    this.#makeRoom(now, () => this.#entries.size >= this.#maxVerifications || this.#isFull());
    const refused = this.#counters.charge(limits, now);
    if (refused !== undefined) return refused;
    this.#entries.set(id, toEntry(record, this.#guessesOf(record, now), now), now);
    return { ok: true, tallied };
  }

  async read(id: string): Promise<RecordStatus | undefined> {
    const now = this.#now();
    const entry = this.#live(id, now);
    if (entry === undefined) return undefined;
    return {
      ...toOpenRecord(entry),
      guessesLeft: entry.maxGuesses - entry.checkOps.length,
      sendsLeft: entry.maxSends - entry.sends,
      nextSendMs: Math.max(0, entry.nextSendAt - now),
    };
  }

  async reserveCheck(id: string, guess: Guess): Promise<CheckReservation | Refused> {
    const { binding, token, limits, op } = guess;
    const now = this.#now();
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now || entry.claimedBy !== undefined) return GONE;
    const { checkOps } = entry;
    const known = checkOps.indexOf(op);
    if (known < 0 && checkOps.length >= entry.maxGuesses) return GONE;
    if (entry.binding !== binding) return { ok: false, why: 'mismatch' };
    const guesses = known < 0 ? checkOps.push(op) : known + 1;
    const refused =
      (token && this.#counters.refusalOfOther(token, id, now)) ??
      this.#counters.charge(limits, now, op);
    if (refused !== undefined) return refused;
    const guessesLeft = entry.maxGuesses - guesses;
    return { ok: true, record: toOpenRecord(entry), guessesLeft };
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const now = this.#now();
    const entry = this.#live(id, now);
    if (entry === undefined) return GONE;
    const { sendOps } = entry;
    const known = sendOps.get(op);
    if (known !== undefined) return { ok: true, record: toOpenRecord(entry), send: known };
    if (entry.sends >= entry.maxSends) return toRefused('sends', entry.endsAt - now);
    if (entry.nextSendAt > now) return toRefused('interval', entry.nextSendAt - now);
    const refused = this.#counters.charge(limits, now);
    if (refused !== undefined) return refused;
    entry.sends += 1;
    entry.lastSend += 1;
    entry.isSendOpen = true;
    entry.nextSendAt = now + gapMsAfter(entry.gapsSeconds, entry.sends);
    sendOps.set(op, entry.lastSend);
    return { ok: true, record: toOpenRecord(entry), send: entry.lastSend };
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.lastSend !== send || !entry.isSendOpen) return;
    const now = this.#now();
    if (send === 1) {
      this.#entries.delete(id);
    } else {
      entry.sends -= 1;
      entry.isSendOpen = false;
      forgetSend(entry, send);
      // The cancelled send was allowed, and nothing was sent after it.
      entry.nextSendAt = now;
    }
    this.#counters.refund(refunds, now);
  }

  async recordSend(id: string, send: number, { channel, tallies }: SentMessage): Promise<void> {
    const now = this.#now();
    const entry = this.#entries.get(id);
    if (channel !== undefined && entry?.lastSend === send) entry.channel = channel;
    for (const each of tallies) {
      this.#makeRoom(now, () => this.#isFull());
      this.#tallies.count(each, 'sent', now);
    }
  }

  async complete(id: string, completion: Completion): Promise<Completed> {
    const { op, token, guess, create, reset, tallies } = completion;
    const now = this.#now();
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now) return GONE;
    if (entry.claimedBy !== undefined) return entry.claimedBy === op ? { ok: true } : GONE;
    if (token !== undefined && this.#counters.refusalOfOther(token, id, now) !== undefined) {
      return { ok: false, why: 'token_used' };
    }
    entry.claimedBy = op;
    if (token !== undefined) this.#counters.charge([token], now, id);
    this.#counters.giveBackGuess(guess, now);
    this.#counters.giveBackCreate(create, { openedAt: entry.openedAt, now });
    this.#counters.forget(reset, now);
    for (const each of tallies) this.#tallies.count(each, 'verified', now);
    return { ok: true };
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    return this.#counters.charge(limits, this.#now(), op) ?? { ok: true };
  }

  async reset(keys: readonly string[]): Promise<void> {
    this.#counters.reset(keys);
    for (const key of keys) this.#tallies.delete(key);
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#entries.clear();
    this.#counters.clear();
    this.#tallies.clear();
  }

  #makeRoom(now: number, isFull: () => boolean): void {
    if (!isFull()) return;
    this.#entries.sweep(now, FULL_STEPS);
    this.#counters.sweep(now, FULL_STEPS);
    this.#tallies.sweep(now, FULL_STEPS);
    if (isFull()) throw new Error('the memory store is full');
  }

  #isFull(): boolean {
    return this.#counters.size + this.#tallies.size >= this.#maxLimits;
  }

  #guessesOf({ maxGuesses, fewerGuesses }: NewRecord, now: number): number {
    if (fewerGuesses === undefined) return maxGuesses;
    const isOver = this.#counters.countOf(fewerGuesses.key, now) >= fewerGuesses.from;
    return isOver ? fewerGuesses.maxGuesses : maxGuesses;
  }

  #live(id: string, now: number): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now) return undefined;
    const isOver = entry.claimedBy !== undefined || entry.checkOps.length >= entry.maxGuesses;
    return isOver ? undefined : entry;
  }
}

const GONE = { ok: false, why: 'gone' } as const;

function toEntry(record: NewRecord, maxGuesses: number, now: number): Entry {
  const { sealed, binding, maxSends, gapsSeconds, ttlSeconds } = record;
  return {
    sealed,
    binding,
    maxGuesses,
    maxSends,
    gapsSeconds,
    openedAt: now,
    endsAt: now + ttlSeconds * 1000,
    sends: 1,
    lastSend: 1,
    isSendOpen: true,
    nextSendAt: now + gapMsAfter(gapsSeconds, 1),
    checkOps: [],
    sendOps: new Map(),
    channel: undefined,
    claimedBy: undefined,
  };
}

function forgetSend({ sendOps }: Entry, send: number): void {
  for (const [op, number] of sendOps) {
    if (number === send) sendOps.delete(op);
  }
}

function toOpenRecord({ sealed, channel }: Entry): OpenRecord {
  return channel === undefined ? { sealed } : { sealed, channel };
}
