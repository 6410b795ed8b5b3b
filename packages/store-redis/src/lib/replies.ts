import {
  isChannel,
  type LimitName,
  type OpenRecord,
  type Refused,
  type Tallied,
  toRefused,
} from '@otp/core/store';
import type { Charge } from './steps.js';

/** What the script returns for a step. */
export interface Reply {
  readonly status: number;
  /** What belongs to the status. */
  readonly values: readonly unknown[];
  /** What the effects have read. */
  readonly reads: readonly unknown[];
}

/** The statuses of the script. */
export const STATUS = {
  done: 1,
  /** Another call has opened the record. */
  known: 2,
  /** An earlier run with the same op has done it. */
  repeated: 3,
  unreadable: 4,
  gone: 0,
  mismatch: -1,
  refused: -2,
  tokenUsed: -3,
} as const;

export function parseReply(reply: unknown): Reply {
  const [done, reads] = toArray(reply);
  const [status, ...values] = toArray(done);
  return { status: Number(status), values, reads: toArray(reads) };
}

export function parseOpenRecord([sealed, channel]: readonly unknown[]): OpenRecord {
  const record = { sealed: String(sealed) };
  return isChannel(channel) ? { ...record, channel } : record;
}

/** @param charges those that the step was to make */
export function parseRefusal(
  { status, values }: Reply,
  charges: readonly Charge[],
): Refused | undefined {
  if (status !== STATUS.refused) return undefined;
  const [number, leftMs] = values.map(Number);
  const limit = RECORD_LIMITS[Number(number)] ?? charges[Number(number) - 1]?.limit.name;
  if (limit === undefined) throw new Error('Redis refused by a limit that was not charged');
  return toRefused(limit, Number(leftMs));
}

export function parseTallied(reply: unknown): Tallied {
  const [sent, verified] = toArray(reply);
  return { sent: Number(sent), verified: Number(verified) };
}

/** The limits of a record itself. */
const RECORD_LIMITS: Readonly<Record<number, LimitName>> = { 0: 'sends', [-1]: 'interval' };

export function toArray(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new Error('the reply of Redis to the script must be an array');
  return reply;
}
