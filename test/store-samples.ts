import type { Limit, NewRecord } from '@otp/core/store';
import * as samples from '@otp/testing/internal';

export { createOp, newCompletion, newGuess } from '@otp/testing/internal';

/** A record without gaps between its sends. */
export function newRecord(changes: Partial<NewRecord> = {}): NewRecord {
  return samples.newRecord({ gapsSeconds: [0], ...changes });
}

/** A limit of one window. */
export function newLimit(max = 3, windowSeconds = 600): Limit {
  return samples.newLimit({ max, windowSeconds });
}
