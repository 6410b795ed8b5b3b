import { ExpiringMap } from './expiring-map.js';
import { gapAfter, MemoryLimits, refuse } from './memory-limits.js';
import type {
  Channel,
  CheckReservation,
  Limit,
  NewRecord,
  OpenRecord,
  OtpStore,
  Refused,
  SendReservation,
} from './ports.js';

export interface MemoryStoreOptions {
  /** Live verifications at most; a new one above that is refused with an error. @default 100_000 */
  readonly maxVerifications?: number;
  /** Counted limits at most, about ten for each verification. @default 1_000_000 */
  readonly maxLimits?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

interface Entry extends Omit<NewRecord, 'id' | 'ttlSeconds'> {
  readonly endsAt: number;
  tries: number;
  sends: number;
  nextSendAt: number;
  channel: Channel | undefined;
  /** The last calls and, for a repeat, what they were told. */
  lastCheck: string | undefined;
  lastSend: string | undefined;
  claimedBy: string | undefined;
}

/**
 * Keeps everything in this process: for development, tests and single-process hosts that can lose all
 * verifications at a restart. Bounded: full, it refuses new verifications and never drops a live one.
 * Each verb runs to its end in one turn of the event loop, which is what makes it atomic.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): OtpStore {
  const { maxVerifications = 100_000, maxLimits = 1_000_000, now = Date.now } = options;
  for (const [name, value] of Object.entries({ maxVerifications, maxLimits })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`${name} must be a whole number above 0.`);
    }
  }
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
    this.#makeRoom(now);
    const refused = this.#counters.charge(limits, now);
    if (refused !== undefined) return refused;
    this.#entries.set(id, toEntry(record, now), now);
    return { ok: true };
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    const now = this.#now();
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= now || entry.claimedBy !== undefined) {
      return { ok: false, why: 'gone' };
    }
    const repeated = entry.lastCheck === op;
    if (!repeated && entry.tries >= entry.maxTries) return { ok: false, why: 'gone' };
    if (entry.binding !== binding) return { ok: false, why: 'mismatch' };
    if (!repeated) entry.tries += 1;
    entry.lastCheck = op;
    return { ok: true, record: toOpenRecord(entry, now), triesLeft: entry.maxTries - entry.tries };
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const now = this.#now();
    const entry = this.#live(id, now);
    if (entry === undefined) return { ok: false, why: 'gone' };
    if (entry.lastSend !== op) {
      if (entry.sends >= entry.maxSends) return refuse('sends', entry.endsAt - now);
      if (entry.nextSendAt > now) return refuse('interval', entry.nextSendAt - now);
      const refused = this.#counters.charge(limits, now);
      if (refused !== undefined) return refused;
      entry.sends += 1;
      entry.nextSendAt = now + gapAfter(entry.gapsSeconds, entry.sends);
      entry.lastSend = op;
    }
    return { ok: true, record: toOpenRecord(entry, now), send: entry.sends };
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.sends !== send) return;
    const now = this.#now();
    if (send === 1) {
      this.#entries.delete(id);
    } else {
      entry.sends -= 1;
      // It was allowed at this time, and nothing has been sent since.
      entry.nextSendAt = now;
      entry.lastSend = undefined;
    }
    this.#counters.refund(refunds, now);
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.sends === send) entry.channel = channel;
  }

  async claim(id: string, op: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.endsAt <= this.#now()) return false;
    entry.claimedBy ??= op;
    return entry.claimedBy === op;
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    return this.#counters.charge(limits, this.#now(), op) ?? { ok: true };
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    this.#counters.refund(limits, this.#now());
  }

  async reset(keys: readonly string[]): Promise<void> {
    this.#counters.reset(keys);
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#entries.clear();
    this.#counters.clear();
  }

  #makeRoom(now: number): void {
    if (this.#isFull()) {
      this.#entries.sweep(now);
      this.#counters.sweep(now);
      if (this.#isFull()) throw new Error('the memory store is full');
    }
  }

  #isFull(): boolean {
    return this.#entries.size >= this.#maxVerifications || this.#counters.size >= this.#maxLimits;
  }

  #live(id: string, now: number): Entry | undefined {
    const entry = this.#entries.get(id);
    const isLive =
      entry !== undefined &&
      entry.endsAt > now &&
      entry.claimedBy === undefined &&
      entry.tries < entry.maxTries;
    return isLive ? entry : undefined;
  }
}

/** Spelled out: copying the rest of an object costs as much as all the other steps together. */
function toEntry(record: NewRecord, now: number): Entry {
  const { sealed, binding, ttlSeconds, maxTries, maxSends, gapsSeconds } = record;
  return {
    sealed,
    binding,
    maxTries,
    maxSends,
    gapsSeconds,
    endsAt: now + ttlSeconds * 1000,
    tries: 0,
    sends: 1,
    nextSendAt: now + gapAfter(gapsSeconds, 1),
    channel: undefined,
    lastCheck: undefined,
    lastSend: undefined,
    claimedBy: undefined,
  };
}

function toOpenRecord({ sealed, endsAt, channel }: Entry, now: number): OpenRecord {
  const record = { sealed, remainingMs: endsAt - now };
  return channel === undefined ? record : { ...record, channel };
}
