import { randomBytes } from 'node:crypto';
import type { Limit, NewRecord } from '@otp/core/store';

export function createOp(): string {
  return randomBytes(12).toString('base64url');
}

export function newRecord(): NewRecord {
  return {
    id: randomBytes(32).toString('base64url'),
    sealed: 'sealed',
    binding: null,
    ttlSeconds: 600,
    maxTries: 5,
    maxSends: 5,
    gapsSeconds: [0],
  };
}

export function newLimit(max = 3): Limit {
  const key = randomBytes(32).toString('base64url');
  return { key, name: 'recipient', windows: [{ max, windowSeconds: 600 }] };
}
