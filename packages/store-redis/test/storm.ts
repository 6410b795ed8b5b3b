import { randomBytes } from 'node:crypto';
import type { Limit, OtpStore } from '@otp/core/store';

const WORKERS = 4;
const MAX_TRIES = 5;
const CHECKS = 8;
const CLAIMS = 4;
const SHARED_MAX = 20;

/** What went through a store while something happened to its server. */
export interface StormReport {
  /** Calls that were answered, and calls that were rejected. */
  readonly answered: number;
  readonly rejected: number;
  readonly slowestMs: number;
  /** The most of one verification. */
  readonly mostTries: number;
  readonly mostClaims: number;
  /** What a limit of `sharedMax` admitted. */
  readonly sharedAdmitted: number;
}

export const stormLimits = { maxTries: MAX_TRIES, sharedMax: SHARED_MAX };

/** Verification after verification, each checked and claimed by more than may succeed, until `during` is over. */
export async function storm(store: OtpStore, during: () => Promise<unknown>): Promise<StormReport> {
  const calls = new Calls();
  const shared = limitOf(SHARED_MAX);
  let isOver = false;
  let mostTries = 0;
  let mostClaims = 0;
  let sharedAdmitted = 0;
  const work = async () => {
    while (!isOver) {
      const id = randomName();
      const opened = await calls.time(store.open(newRecord(id), [limitOf(9), limitOf(9)]));
      const charged = await calls.time(store.charge([shared], randomOp()));
      if (charged?.ok) sharedAdmitted += 1;
      if (opened === undefined) {
        // The server may be away: this is no place for thousands of refusals a second.
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const checks = await atOnce(CHECKS, () =>
        calls.time(store.reserveCheck(id, null, randomOp())),
      );
      const claims = await atOnce(CLAIMS, () => calls.time(store.claim(id, randomOp())));
      mostTries = Math.max(mostTries, checks.filter((check) => check?.ok).length);
      mostClaims = Math.max(mostClaims, claims.filter((claim) => claim === true).length);
    }
  };
  const workers = Promise.all(Array.from({ length: WORKERS }, work));
  try {
    await during();
  } finally {
    isOver = true;
  }
  await workers;
  const { answered, rejected, slowestMs } = calls;
  return { answered, rejected, slowestMs, mostTries, mostClaims, sharedAdmitted };
}

class Calls {
  answered = 0;
  rejected = 0;
  slowestMs = 0;

  /** Undefined when it was rejected. */
  async time<T>(call: Promise<T>): Promise<T | undefined> {
    const started = performance.now();
    try {
      const answer = await call;
      this.answered += 1;
      return answer;
    } catch {
      this.rejected += 1;
      return undefined;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
    }
  }
}

function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

const randomName = () => randomBytes(32).toString('base64url');
export const randomOp = () => randomBytes(12).toString('base64url');

export function newRecord(id = randomName()) {
  return {
    id,
    sealed: randomBytes(120).toString('base64url'),
    binding: null,
    ttlSeconds: 600,
    maxTries: MAX_TRIES,
    maxSends: 5,
    gapsSeconds: [0],
  };
}

export function limitOf(max: number): Limit {
  return { key: randomName(), name: 'recipient', windows: [{ max, windowSeconds: 600 }] };
}
