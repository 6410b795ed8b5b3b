import type { OtpStore } from '@otp/core/store';
import { CallTracker } from '@otp/test/call-tracker';
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/test/store-samples';

const WORKERS = 4;
const MAX_GUESSES = 5;
const CHECKS = 8;
const COMPLETIONS = 4;
const SHARED_MAX = 20;

/** The calls of a store while something happened to its server. */
export interface StormReport {
  readonly answered: number;
  readonly rejected: number;
  /** The most guesses and successes that one verification got. */
  readonly mostGuesses: number;
  readonly mostSuccesses: number;
  /** Events that a limit of `sharedMax` admitted. */
  readonly sharedAdmitted: number;
}

export const stormLimits = { maxGuesses: MAX_GUESSES, sharedMax: SHARED_MAX };

/** Opens verifications until `during` is over, and checks and claims each more often than may succeed. */
export async function storm(
  store: OtpStore,
  during: (calls: CallTracker) => Promise<unknown>,
): Promise<StormReport> {
  const calls = new CallTracker();
  const shared = newLimit(SHARED_MAX);
  let isOver = false;
  let mostGuesses = 0;
  let mostSuccesses = 0;
  let sharedAdmitted = 0;
  const work = async () => {
    while (!isOver) {
      const record = newRecord({ maxGuesses: MAX_GUESSES });
      const { id } = record;
      const [create, guess] = [[newLimit(9), newLimit(9)], [newLimit(99)]];
      const opened = await calls.track(store.open(record, create, []));
      const charged = await calls.track(store.charge([shared], createOp()));
      if (charged?.ok) sharedAdmitted += 1;
      if (opened === undefined) {
        // The server may be down: without a pause there would be thousands of failures a second.
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const checks = await atOnce(CHECKS, () =>
        calls.track(store.reserveCheck(id, newGuess({ limits: guess }))),
      );
      const completed = await atOnce(COMPLETIONS, () =>
        calls.track(store.complete(id, newCompletion({ create, guess }))),
      );
      mostGuesses = Math.max(mostGuesses, checks.filter((check) => check?.ok).length);
      mostSuccesses = Math.max(mostSuccesses, completed.filter((each) => each?.ok).length);
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
  return { answered, rejected, mostGuesses, mostSuccesses, sharedAdmitted };
}

function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}
