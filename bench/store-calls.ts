import { randomBytes } from 'node:crypto';
import type { NewRecord, OtpStore } from '@otp/core/store';

const name = () => randomBytes(32).toString('base64url');
const op = () => randomBytes(12).toString('base64url');

/** The store call of a create for a new recipient. */
export async function create(store: OtpStore): Promise<NewRecord> {
  const record: NewRecord = {
    id: name(),
    sealed: randomBytes(90).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxGuesses: 5,
    maxSends: 5,
    gapsSeconds: [30, 60, 120, 240],
  };
  const recipient = name();
  const { ok } = await store.open(
    record,
    [
      {
        key: failuresOf(recipient),
        name: 'consecutive_failures',
        windows: [{ max: 100, windowSeconds: 31_536_000 }],
        cost: 0,
      },
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
    ],
    [],
  );
  if (!ok) throw new Error('refused');
  return record;
}

/** The two store calls of a standalone check with the right code, and what the store writes behind them. */
export async function check(store: OtpStore, { id }: NewRecord): Promise<void> {
  await store.reserveCheck(id, { binding: null, limits: [], op: op() });
  const completed = await store.complete(id, {
    op: op(),
    guess: [],
    create: [],
    reset: [{ key: failuresOf(id) }],
    tallies: [],
  });
  if (!completed.ok) throw new Error(completed.why);
  await completed.settled;
}

export async function createAndCheck(store: OtpStore): Promise<void> {
  await check(store, await create(store));
}

function failuresOf(recipient: string): string {
  return `f:${recipient}`;
}

/** Budget: flat within 20 %. */
export function growthOf(first: number, micros: number): string {
  const growth = micros / first;
  return `${growth.toFixed(2)}x  budget 1.20x  ${growth <= 1.2 ? 'ok' : 'OVER'}`;
}
