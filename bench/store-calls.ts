import { randomBytes } from 'node:crypto';
import type { Limit, NewRecord, OtpStore } from '@otp/core/store';

const name = () => randomBytes(32).toString('base64url');
const op = () => randomBytes(12).toString('base64url');

/** The store call of a create for a new recipient. */
export async function create(store: OtpStore): Promise<NewRecord> {
  const record: NewRecord = {
    id: name(),
    sealed: randomBytes(90).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxTries: 5,
    maxSends: 5,
    gapsSeconds: [30, 60, 120, 240],
  };
  const recipient = name();
  const { ok } = await store.open(record, [
    failures(recipient, 100, 0),
    {
      key: recipient,
      name: 'recipient',
      windows: [
        { max: 5, windowSeconds: 3_600 },
        { max: 10, windowSeconds: 86_400 },
      ],
      gapsSeconds: [30],
    },
    { key: name(), name: 'client_address', windows: [{ max: 30, windowSeconds: 600 }] },
  ]);
  if (!ok) throw new Error('refused');
  return record;
}

/** A create, and the four store calls of a check with the right code. */
export async function createAndCheck(store: OtpStore): Promise<void> {
  const { id } = await create(store);
  const failed = failures(name(), 2 ** 31 - 1, 1);
  await store.reserveCheck(id, null, op());
  await store.charge([failed], op());
  await store.claim(id, op());
  await store.reset([failed.key]);
}

function failures(recipient: string, max: number, cost: 0 | 1): Limit {
  const windows = [{ max, windowSeconds: 31_536_000 }];
  return { key: `f:${recipient}`, name: 'consecutive_failures', windows, cost };
}

/** Budget: flat within 20 %. */
export function growthOf(first: number, micros: number): string {
  const growth = micros / first;
  return `${growth.toFixed(2)}x  budget 1.20x  ${growth <= 1.2 ? 'ok' : 'OVER'}`;
}
