import type { Channel, Limit, OpenRecord, Refused, Tallied } from '@otp/core/store';

/** What a script has answered: a status, then what belongs to it. */
export interface Reply {
  readonly status: number;
  readonly rest: readonly unknown[];
}

/** See the scripts. */
export const STATUS = { gone: 0, counted: 1, known: 2, mismatch: -1, refused: -2 } as const;

export function parseReply(reply: unknown): Reply {
  if (!Array.isArray(reply)) throw new Error('Redis answered a script with something else');
  const [status, ...rest] = reply;
  return { status: Number(status), rest };
}

export function toOpenRecord([sealed, leftMs, channel]: readonly unknown[]): OpenRecord {
  const record = { sealed: String(sealed), remainingMs: Number(leftMs) };
  return isChannel(channel) ? { ...record, channel } : record;
}

/** `rest` is the place of what refuses, counted from 1, and for how long. */
export function toRefused([place, leftMs]: readonly unknown[], limits: readonly Limit[]): Refused {
  const limit = RECORD_LIMITS[Number(place)] ?? limits[Number(place) - 1]?.name;
  if (limit === undefined) throw new Error('Redis refused by a limit that was not asked');
  return { ok: false, limit, retryAfterSeconds: Math.max(1, Math.ceil(Number(leftMs) / 1000)) };
}

export function toTallied(reply: unknown): Tallied[] {
  if (!Array.isArray(reply)) throw new Error('Redis answered a script with something else');
  return reply.map(([sent, verified]) => ({ sent: Number(sent), verified: Number(verified) }));
}

/** What a record refuses by itself. */
const RECORD_LIMITS: Readonly<Record<number, Refused['limit']>> = { 0: 'sends', [-1]: 'interval' };

const CHANNELS: Readonly<Record<Channel, true>> = { sms: true, whatsapp: true, email: true };

function isChannel(value: unknown): value is Channel {
  return typeof value === 'string' && Object.hasOwn(CHANNELS, value);
}
