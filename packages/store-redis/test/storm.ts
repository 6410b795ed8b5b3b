import type { OtpStore } from '@otp/core/store';
import { CallTracker } from '@otp/test/call-tracker';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';

const WORKERS = 4;
const MAX_TRIES = 5;
const CHECKS = 8;
const CLAIMS = 4;
const SHARED_MAX = 20;

/** The calls of a store while something happened to its server. */
export interface StormReport {
  readonly answered: number;
  readonly rejected: number;
  /** The most tries and claims that one verification got. */
  readonly mostTries: number;
  readonly mostClaims: number;
  /** Events that a limit of `sharedMax` admitted. */
  readonly sharedAdmitted: number;
}

export const stormLimits = { maxTries: MAX_TRIES, sharedMax: SHARED_MAX };

/** Opens verifications until `during` is over, and checks and claims each more often than may succeed. */
export async function storm(
  store: OtpStore,
  during: (calls: CallTracker) => Promise<unknown>,
): Promise<StormReport> {
  const calls = new CallTracker();
  const shared = newLimit(SHARED_MAX);
  let isOver = false;
  let mostTries = 0;
  let mostClaims = 0;
  let sharedAdmitted = 0;
  const work = async () => {
    while (!isOver) {
      const record = newRecord({ maxTries: MAX_TRIES });
      const { id } = record;
      const opened = await calls.track(store.open(record, [newLimit(9), newLimit(9)]));
      const charged = await calls.track(store.charge([shared], createOp()));
      if (charged?.ok) sharedAdmitted += 1;
      if (opened === undefined) {
        // The server may be down: without a pause there would be thousands of failures a second.
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const checks = await atOnce(CHECKS, () =>
        calls.track(store.reserveCheck(id, null, createOp())),
      );
      const claims = await atOnce(CLAIMS, () => calls.track(store.claim(id, createOp())));
      mostTries = Math.max(mostTries, checks.filter((check) => check?.ok).length);
      mostClaims = Math.max(mostClaims, claims.filter((claim) => claim === true).length);
    }
  };
  const workers = Promise.all(Array.from({ length: WORKERS }, work));
  try {
    await during(calls);
  } finally {
    isOver = true;
  }
  await workers;
  const { answered, rejected } = calls;
  return { answered, rejected, mostTries, mostClaims, sharedAdmitted };
}

function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}
