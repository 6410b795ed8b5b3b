import {
  type CheckReservation,
  isChannel,
  type LimitName,
  type OpenRecord,
  type Refused,
  type SendReservation,
  type Tallied,
  toRefused,
} from '@otp/core/store';
import { numberOf, onlyRow, type Row, stringOf } from './row.js';

export function parseCharged(row: Row): { readonly ok: true } | Refused {
  return row.refused === null ? { ok: true } : parseRefused(row);
}

export function parseCheckReservation(row: Row): CheckReservation {
  const { outcome } = row;
  if (outcome === 'ok') {
    return { ok: true, record: parseOpenRecord(row), triesLeft: numberOf(row, 'tries_left') };
  }
  return { ok: false, why: outcome === 'mismatch' ? 'mismatch' : 'gone' };
}

export function parseSendReservation(row: Row): SendReservation {
  const { outcome } = row;
  if (outcome === 'ok') {
    return { ok: true, record: parseOpenRecord(row), send: numberOf(row, 'send') };
  }
  return outcome === 'refused' ? parseRefused(row) : { ok: false, why: 'gone' };
}

export function parseTallied(rows: readonly unknown[]): Tallied[] {
  return rows.map((each) => {
    const row = onlyRow([each]);
    return { sent: numberOf(row, 'sent'), verified: numberOf(row, 'verified') };
  });
}

function parseRefused(row: Row): Refused {
  const { refused } = row;
  if (!isLimitName(refused)) throw new Error('Postgres returned no name of a limit');
  return toRefused(refused, numberOf(row, 'wait_ms'));
}

function parseOpenRecord(row: Row): OpenRecord {
  const { channel } = row;
  const record = { sealed: stringOf(row, 'sealed'), remainingMs: numberOf(row, 'remaining_ms') };
  return isChannel(channel) ? { ...record, channel } : record;
}

/** The compiler keeps the names complete. */
const LIMIT_NAMES: Readonly<Record<LimitName, true>> = {
  recipient: true,
  client_address: true,
  client_network: true,
  number_prefix: true,
  conversion: true,
  app: true,
  challenge: true,
  token_used: true,
  user: true,
  consecutive_failures: true,
  sends: true,
  interval: true,
};

function isLimitName(value: unknown): value is LimitName {
  return typeof value === 'string' && Object.hasOwn(LIMIT_NAMES, value);
}
