import {
  isChannel,
  type Limit,
  type LimitName,
  type OpenRecord,
  type Refused,
  type Tallied,
  toRefused,
} from '@otp/core/store';

/** The reply of a script: a status, then the values that belong to it. */
export interface Reply {
  readonly status: number;
  readonly rest: readonly unknown[];
}

/** The statuses of the scripts. */
export const STATUS = { gone: 0, counted: 1, known: 2, mismatch: -1, refused: -2 } as const;

export function parseReply(reply: unknown): Reply {
  const [status, ...rest] = toArray(reply);
  return { status: Number(status), rest };
}

export function parseOpenRecord([sealed, leftMs, channel]: readonly unknown[]): OpenRecord {
  const record = { sealed: String(sealed), remainingMs: Number(leftMs) };
  return isChannel(channel) ? { ...record, channel } : record;
}

/** `rest` holds the number of the limit that refuses, from 1, and how long it will. */
export function parseRefused(
  [number, leftMs]: readonly unknown[],
  limits: readonly Limit[],
): Refused {
  const limit = RECORD_LIMITS[Number(number)] ?? limits[Number(number) - 1]?.name;
  if (limit === undefined) throw new Error('Redis refused by a limit that was not charged');
  return toRefused(limit, Number(leftMs));
}

export function parseTallied(reply: unknown): Tallied[] {
  return toArray(reply).map((each) => {
    const [sent, verified] = toArray(each);
    return { sent: Number(sent), verified: Number(verified) };
  });
}

/** The limits of a record itself. */
const RECORD_LIMITS: Readonly<Record<number, LimitName>> = { 0: 'sends', [-1]: 'interval' };

function toArray(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new Error('the reply of Redis to a script must be an array');
  return reply;
}
