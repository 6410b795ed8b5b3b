import { gapMsAfter, toRefused } from '../limits/refusal.js';
import type {
  Channel,
  CheckReservation,
  Limit,
  NewRecord,
  OpenRecord,
  OtpStore,
  Refused,
  SendReservation,
  Tallied,
  Tally,
} from '../ports.js';
import { assertFunction, assertWhole } from '../util/assert-option.js';
import { assertKnownOptions, type OptionNames } from '../util/known-options.js';
import { ExpiringMap } from './expiring-map.js';
import { MemoryLimits } from './memory-limits.js';
import { MemoryTallies } from './memory-tallies.js';
import { createSteadyClock } from './steady-clock.js';

export interface MemoryStoreOptions {
  /** Live verifications at most; a new one above that is refused with an error. @default 100_000 */
  readonly maxVerifications?: number;
  /** Counted limits at most, about ten for each verification. @default 1_000_000 */
  readonly maxLimits?: number;
  /** Milliseconds since the epoch. @default the system's clock, except that it never goes back */
  readonly now?: () => number;
}

const OPTIONS: OptionNames<MemoryStoreOptions> = {
  maxVerifications: true,
  maxLimits: true,
  now: true,
};

/** One object for each verification, because there may be many. */
interface Entry extends Omit<NewRecord, 'id' | 'ttlSeconds'> {
  readonly endsAt: number;
  /** Sends that count. */
  sends: number;
  /** Number of the last send that was reserved. */
  lastSend: number;
  /** Whether that one still counts. */
  isSendOpen: boolean;
  nextSendAt: number;
  /** What most verifications never come to need. */
  more: More | undefined;
}

interface More {
  /** One for each try. */
  readonly checkOps: string[];
  readonly sendOps: Map<string, number>;
  channel: Channel | undefined;
  claimedBy: string | undefined;
}

/** How far a full store looks for room before it refuses. */
const FULL_STEPS = 256;

/**
 * Keeps everything in this process: for development, tests and single-process hosts that can lose all
 * verifications at a restart. Bounded: full, it refuses new verifications and never drops a live one.
 * Each verb runs to its end in one turn of the event loop, which is what makes it atomic.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): OtpStore {
  assertKnownOptions(options, OPTIONS, 'createMemoryStore');
  const { maxVerifications = 100_000, maxLimits = 1_000_000, now = createSteadyClock() } = options;
  for (const [name, value] of Object.entries({ maxVerifications, maxLimits })) {
    assertWhole(value, name, 1, Number.MAX_SAFE_INTEGER);
  }
  assertFunction(now, 'now');
  warnInProduction();
  return new MemoryStore(maxVerifications, maxLimits, now);
}

function warnInProduction(): void {
  if (process.env.NODE_ENV === 'production') {
    process.emitWarning(
      'The memory store forgets everything at a restart and is not shared between processes. Use a database store in production.',
      { code: 'OTP_MEMORY_STORE' },
    );
  }
}

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

  async open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    const now = this.#now();
    const { id } = record;
    if (this.#entries.get(id) !== undefined) return { ok: true };
    this.#makeRoom(now, () => this.#entries.size >= this.#maxVerifications || this.#isFull());
    const refused = this.#counters.charge(limits, now);
    if (refused !== undefined) return refused;
    this.#entries.set(id, toEntry(record, now), now);
    return { ok: true };
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    const now = this.#now();
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now || entry.more?.claimedBy !== undefined)
      return GONE;
    const { checkOps } = moreOf(entry);
    const known = checkOps.indexOf(op);
    if (known < 0 && checkOps.length >= entry.maxTries) return GONE;
    if (entry.binding !== binding) return { ok: false, why: 'mismatch' };
    const tries = known < 0 ? checkOps.push(op) : known + 1;
    return { ok: true, record: toOpenRecord(entry, now), triesLeft: entry.maxTries - tries };
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const now = this.#now();
    const entry = this.#live(id, now);
    if (entry === undefined) return GONE;
    const { sendOps } = moreOf(entry);
    const known = sendOps.get(op);
    if (known !== undefined) return { ok: true, record: toOpenRecord(entry, now), send: known };
    if (entry.sends >= entry.maxSends) return toRefused('sends', entry.endsAt - now);
    if (entry.nextSendAt > now) return toRefused('interval', entry.nextSendAt - now);
    const refused = this.#counters.charge(limits, now);
    if (refused !== undefined) return refused;
    entry.sends += 1;
    entry.lastSend += 1;
    entry.isSendOpen = true;
    entry.nextSendAt = now + gapMsAfter(entry.gapsSeconds, entry.sends);
    sendOps.set(op, entry.lastSend);
    return { ok: true, record: toOpenRecord(entry, now), send: entry.lastSend };
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
      forgetSend(moreOf(entry), send);
      // It was allowed at its time, and nothing has been sent since.
      entry.nextSendAt = now;
    }
    this.#counters.refund(refunds, now);
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.lastSend === send) moreOf(entry).channel = channel;
  }

  async claim(id: string, op: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= this.#now()) return false;
    const more = moreOf(entry);
    more.claimedBy ??= op;
    return more.claimedBy === op;
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    return this.#counters.charge(limits, this.#now(), op) ?? { ok: true };
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    this.#counters.refund(limits, this.#now());
  }

  async tally(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    const now = this.#now();
    return tallies.map((each) => {
      if (each.sent === 1) this.#makeRoom(now, () => this.#isFull());
      return this.#tallies.tally(each, now);
    });
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

  /** Whether no more can be counted. */
  #isFull(): boolean {
    return this.#counters.size + this.#tallies.size >= this.#maxLimits;
  }

  #live(id: string, now: number): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now) return undefined;
    const { maxTries, more } = entry;
    const isOver =
      more !== undefined && (more.claimedBy !== undefined || more.checkOps.length >= maxTries);
    return isOver ? undefined : entry;
  }
}

const GONE = { ok: false, why: 'gone' } as const;

function toEntry(record: NewRecord, now: number): Entry {
  const { sealed, binding, maxTries, maxSends, gapsSeconds, ttlSeconds } = record;
  return {
    sealed,
    binding,
    maxTries,
    maxSends,
    gapsSeconds,
    endsAt: now + ttlSeconds * 1000,
    sends: 1,
    lastSend: 1,
    isSendOpen: true,
    nextSendAt: now + gapMsAfter(gapsSeconds, 1),
    more: undefined,
  };
}

function moreOf(entry: Entry): More {
  entry.more ??= {
    checkOps: [],
    sendOps: new Map(),
    channel: undefined,
    claimedBy: undefined,
  };
  return entry.more;
}

function forgetSend({ sendOps }: More, send: number): void {
  for (const [op, number] of sendOps) {
    if (number === send) sendOps.delete(op);
  }
}

function toOpenRecord({ sealed, endsAt, more }: Entry, now: number): OpenRecord {
  const record = { sealed, remainingMs: endsAt - now };
  return more?.channel === undefined ? record : { ...record, channel: more.channel };
}
