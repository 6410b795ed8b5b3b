import { randomBytes } from 'node:crypto';
import type { Limit, NewRecord } from '@otp/core/store';

export { newCompletion, newGuess } from '@otp/testing/internal';

export function createOp(): string {
  return randomBytes(12).toString('base64url');
}

/** A record without gaps between its sends. */
export function newRecord(changes: Partial<NewRecord> = {}): NewRecord {
  return {
    id: createName(),
    sealed: randomBytes(120).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxGuesses: 5,
    maxSends: 5,
    gapsSeconds: [0],
    ...changes,
  };
}

/** A limit of one window. */
export function newLimit(max = 3, windowSeconds = 600): Limit {
  return { key: createName(), name: 'recipient', windows: [{ max, windowSeconds }] };
}

/** An id or a key that no other test uses. */
function createName(): string {
  return randomBytes(32).toString('base64url');
}
