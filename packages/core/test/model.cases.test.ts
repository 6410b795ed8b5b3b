import { byDepth, depth } from '@otp/test/depth';
import { COMMANDS } from '@otp/test/model/commands';
import { FIRST_KEYS } from '@otp/test/model/key-pool';
import { Ledger } from '@otp/test/model/ledger';
import type { Model } from '@otp/test/model/plan';
import { CONTRACT_LIMITS, type LimitNumbers, Rules } from '@otp/test/model/rules';
import { System } from '@otp/test/model/system';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

/** Sequences of commands for each test; `OTP_MODEL_RUNS` overrides the depth. */
const RUNS = Number(process.env.OTP_MODEL_RUNS ?? byDepth({ quick: 20, full: 800 }));
const TIME_LIMIT_MS = 60_000 + RUNS * 100;

/** So low that a short sequence reaches them. */
const LOW_LIMITS: LimitNumbers = {
  recipient: [
    { max: 2, windowSeconds: 600 },
    { max: 4, windowSeconds: 3_600 },
  ],
  clientAddress: [
    { max: 4, windowSeconds: 300 },
    { max: 8, windowSeconds: 1_800 },
  ],
  userFailures: { max: 3, windowSeconds: 3_600 },
  consecutiveFailures: 4,
};

/** So high that a challenge's own budget is what ends. */
const HIGH_LIMITS: LimitNumbers = {
  ...CONTRACT_LIMITS,
  recipient: [{ max: 1_000, windowSeconds: 3_600 }],
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Outcomes that the sequences of a full run must have met at least once. */
const REACHED = [
  ...['204', 'auth_blocked', 'internal'].map((answer) => `create ${answer}`),
  ...['204', 'auth_blocked', 'internal'].map((answer) => `step-up ${answer}`),
  ...['invalid', 'expired'].map((why) => `step-up ${why}_challenge_token`),
  ...['204', 'rate_limited', 'unauthorized', 'internal'].map((answer) => `retry ${answer}`),
  ...['200', 'bad_check_code', 'unauthorized', 'internal'].map((answer) => `check ${answer}`),
  ...['bad_request', 'token_mismatch', 'rate_limited'].map((answer) => `check ${answer}`),
  ...['taken', 'token_reused', 'token_mismatch'].map((answer) => `consume ${answer}`),
];

const seen = new Set<string>();
afterAll(() => {
  if (depth === 'full') expect([...seen]).toEqual(expect.arrayContaining(REACHED));
});

async function compare(limits: LimitNumbers): Promise<void> {
  const commands = fc.commands(COMMANDS, { maxCommands: 24, size: 'max' });
  await fc.assert(
    fc.asyncProperty(commands, fc.scheduler(), async (sequence, scheduler) => {
      const system = new System(
        {
          limits,
          turn: (label) => scheduler.schedule(Promise.resolve(), label),
          finish: (work) => scheduler.waitFor(work),
          passTime: (ms) => void vi.advanceTimersByTime(ms),
        },
        FIRST_KEYS,
        FIRST_KEYS,
      );
      await fc.asyncModelRun(() => ({ model: createModel(limits), real: system }), sequence);
    }),
    { numRuns: RUNS },
  );
}

function createModel(limits: LimitNumbers): Model {
  return {
    book: {
      counts: new Map(),
      challenges: [],
      verifications: [],
      grants: [],
      secrets: FIRST_KEYS,
      signingKeys: FIRST_KEYS,
      strangers: 0,
    },
    rules: new Rules(limits),
    ledger: new Ledger(),
    seen,
  };
}

describe('the library does what the contract allows, whatever is asked and whatever fails', () => {
  test.each([
    ['the limits of the contract', CONTRACT_LIMITS],
    ['low limits', LOW_LIMITS],
    ['high limits', HIGH_LIMITS],
  ])(
    'to R11, S01, S08, S11, S12, S14 under %s [R01]',
    (_, limits) => compare(limits),
    TIME_LIMIT_MS,
  );
});
