import type {
  CheckReservation,
  Completed,
  Completion,
  Guess,
  Limit,
  NewRecord,
  Opened,
  OtpStore,
  RecordStatus,
  Refused,
  SendReservation,
  SentMessage,
  Tally,
} from '@otp/core/store';
import { parseOpenRecord, parseRefusal, parseTallied, type Reply, STATUS } from './replies.js';
import type { Ask, Server } from './server.js';
import {
  type Charge,
  toCharge,
  toForget,
  toJudge,
  toLook,
  toRefund,
  toSettlement,
  toTally,
} from './steps.js';

/** On one server every verb is one script. */
export class SingleStore implements OtpStore {
  protected readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  async open(
    record: NewRecord,
    limits: readonly Limit[],
    tallies: readonly Tally[],
  ): Promise<Opened | Refused> {
    const { fewerGuesses: fewer } = record;
    const charges = limits.map((limit) => toCharge(limit));
    const reply = await this.server.run('open', {
      ...toOpening(record),
      limits: charges,
      ...(fewer && { fewer: { key: fewer.key, args: [fewer.from, fewer.maxGuesses] } }),
      effects: tallies.map(toJudge),
    });
    return parseRefusal(reply, charges) ?? { ok: true, tallied: reply.reads.map(parseTallied) };
  }

  async read(id: string): Promise<RecordStatus | undefined> {
    const { status, values } = await this.server.run('read', { id });
    if (status === STATUS.gone) return undefined;
    const [guessesLeft, sendsLeft, nextSendMs] = values.slice(2).map(Number);
    return {
      ...parseOpenRecord(values),
      guessesLeft: guessesLeft ?? 0,
      sendsLeft: sendsLeft ?? 0,
      nextSendMs: nextSendMs ?? 0,
    };
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    const charges = limits.map((limit) => toCharge(limit));
    return parseSend(await this.server.run('reserveSend', { id, op, limits: charges }), charges);
  }

  async recordSend(id: string, send: number, { channel, tallies }: SentMessage): Promise<void> {
    const effects = tallies.map((tally) => toTally('sent', tally));
    await this.server.run('recordSend', { id, send, channel, effects });
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    await this.server.run('cancel', { id, send, effects: refunds.map(toRefund) });
  }

  async reserveCheck(id: string, guess: Guess): Promise<CheckReservation | Refused> {
    const limits = toGuessCharges(id, guess);
    const ask = { id, op: guess.op, binding: toBinding(guess.binding), limits };
    return parseCheck(await this.server.run('reserveCheck', ask), limits);
  }

  async complete(id: string, completion: Completion): Promise<Completed> {
    const { op, token } = completion;
    const limits = token === undefined ? [] : [toCharge(token, id)];
    const effects = toSettlement(completion);
    const { status } = await this.server.run('complete', { id, op, limits, effects });
    if (status === STATUS.tokenUsed) return { ok: false, why: 'token_used' };
    return status === STATUS.gone ? GONE : { ok: true };
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    if (limits.length === 0) return { ok: true };
    const charges = limits.map((limit) => toCharge(limit, op));
    const reply = await this.server.run('charge', { limits: charges });
    return parseRefusal(reply, charges) ?? { ok: true };
  }

  async reset(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.server.run('charge', { effects: keys.map(toForget) });
  }

  ping(): Promise<void> {
    return this.server.ping();
  }

  /** Does nothing: the host owns the client. */
  async close(): Promise<void> {}
}

export const GONE = { ok: false, why: 'gone' } as const;

export function toOpening(record: NewRecord): Ask {
  const { id, sealed, ttlSeconds, maxGuesses, maxSends, gapsSeconds } = record;
  return {
    id,
    sealed,
    binding: toBinding(record.binding),
    life: ttlSeconds,
    guesses: maxGuesses,
    sends: maxSends,
    gaps: gapsSeconds,
  };
}

/** Tells the null of the standalone flow from an empty string. */
export function toBinding(binding: string | null): string {
  return binding === null ? '' : `=${binding}`;
}

/** The token comes first: its refusal is final. */
export function toGuessCharges(id: string, { token, limits, op }: Guess): Charge[] {
  const charges = limits.map((limit) => toCharge(limit, op));
  return token === undefined ? charges : [toLook(token, id), ...charges];
}

export function parseSend(reply: Reply, charges: readonly Charge[] = []): SendReservation {
  if (reply.status === STATUS.gone) return GONE;
  const { values } = reply;
  const admitted = { ok: true, record: parseOpenRecord(values), send: Number(values[2]) } as const;
  return parseRefusal(reply, charges) ?? admitted;
}

export function parseCheck(
  reply: Reply,
  charges: readonly Charge[] = [],
): CheckReservation | Refused {
  const { status, values } = reply;
  if (status === STATUS.gone) return GONE;
  if (status === STATUS.mismatch) return { ok: false, why: 'mismatch' };
  const guessesLeft = Number(values[2]);
  return parseRefusal(reply, charges) ?? { ok: true, record: parseOpenRecord(values), guessesLeft };
}
