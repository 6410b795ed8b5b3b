import type {
  Channel,
  CheckReservation,
  LimitName,
  OpenRecord,
  Refused,
  SendReservation,
  Tallied,
} from '@otp/core/store';
import { numberOf, onlyRow, type Row, textOf } from './row.js';

/** The compiler keeps these complete. */
const LIMITS: Readonly<Record<LimitName, true>> = {
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
const CHANNELS: Readonly<Record<Channel, true>> = { sms: true, whatsapp: true, email: true };

function isLimit(value: unknown): value is LimitName {
  return typeof value === 'string' && Object.hasOwn(LIMITS, value);
}

function isChannel(value: unknown): value is Channel {
  return typeof value === 'string' && Object.hasOwn(CHANNELS, value);
}

export function toCharged(row: Row): { readonly ok: true } | Refused {
  return row.refused === null ? { ok: true } : toRefused(row);
}

export function toCheckReservation(row: Row): CheckReservation {
  const { outcome } = row;
  if (outcome === 'ok') {
    return { ok: true, record: toOpenRecord(row), triesLeft: numberOf(row, 'tries_left') };
  }
  return { ok: false, why: outcome === 'mismatch' ? 'mismatch' : 'gone' };
}

export function toSendReservation(row: Row): SendReservation {
  const { outcome } = row;
  if (outcome === 'ok') {
    return { ok: true, record: toOpenRecord(row), send: numberOf(row, 'send') };
  }
  return outcome === 'refused' ? toRefused(row) : { ok: false, why: 'gone' };
}

export function toTallied(rows: readonly unknown[]): Tallied[] {
  return rows.map((each) => {
    const row = onlyRow([each]);
    return { sent: numberOf(row, 'sent'), verified: numberOf(row, 'verified') };
  });
}

function toRefused(row: Row): Refused {
  const { refused } = row;
  if (!isLimit(refused)) throw new Error('Postgres answered no name of a limit');
  const seconds = Math.ceil(numberOf(row, 'wait_ms') / 1000);
  return { ok: false, limit: refused, retryAfterSeconds: Math.max(1, seconds) };
}

function toOpenRecord(row: Row): OpenRecord {
  const { channel } = row;
  const record = { sealed: textOf(row, 'sealed'), remainingMs: numberOf(row, 'remaining_ms') };
  return isChannel(channel) ? { ...record, channel } : record;
}
