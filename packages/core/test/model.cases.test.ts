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

const LOW_CLIENTS = {
  clientAddress: [
    { max: 4, windowSeconds: 300 },
    { max: 8, windowSeconds: 1_800 },
  ],
  clientNetwork: [{ max: 5, windowSeconds: 900 }],
};

/** So low that a short sequence reaches them. */
const LOW_LIMITS: LimitNumbers = {
  standalone: {
    recipient: [
      { max: 3, windowSeconds: 600 },
      { max: 6, windowSeconds: 3_600 },
    ],
    recipientShare: [
      { max: 2, windowSeconds: 600 },
      { max: 4, windowSeconds: 3_600 },
    ],
    ...LOW_CLIENTS,
  },
  stepUp: {
    recipient: [
      { max: 2, windowSeconds: 600 },
      { max: 4, windowSeconds: 3_600 },
    ],
    ...LOW_CLIENTS,
  },
  numberPrefix: [{ max: 3, windowSeconds: 900 }],
  numberPrefixShare: [{ max: 2, windowSeconds: 600 }],
  userFailures: { max: 3, windowSeconds: 3_600 },
  consecutiveFailures: 4,
};

const MANY = [{ max: 1_000, windowSeconds: 3_600 }];

/** So high that a challenge's own budget is what ends. */
const HIGH_LIMITS: LimitNumbers = {
  ...CONTRACT_LIMITS,
  standalone: { ...CONTRACT_LIMITS.standalone, recipient: MANY, recipientShare: MANY },
  stepUp: { ...CONTRACT_LIMITS.stepUp, recipient: MANY },
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Outcomes that the sequences of a full run must have met at least once. */
const REACHED = [
  ...['204', 'auth_blocked', 'internal'].map((answer) => `create ${answer}`),
  ...['204', 'auth_blocked', 'internal'].map((answer) => `step-up ${answer}`),
  ...['invalid', 'expired'].map((why) => `step-up ${why}_challenge_token`),
  ...['step-up token_mismatch', 'retry auth_blocked'],
  ...['204', 'rate_limited', 'unauthorized', 'internal'].map((answer) => `retry ${answer}`),
  ...['200', 'bad_check_code', 'unauthorized', 'internal'].map((answer) => `check ${answer}`),
  ...['bad_request', 'token_mismatch', 'rate_limited'].map((answer) => `check ${answer}`),
  ...['taken', 'token_reused', 'token_mismatch'].map((answer) => `consume ${answer}`),
];

const seen = new Set<string>();
afterAll(() => {
  if (depth === 'full') expect([...seen]).toEqual(expect.arrayContaining(REACHED));
});

async function compare(limits: LimitNumbers, hasGuard: boolean): Promise<void> {
  const commands = fc.commands(COMMANDS, { maxCommands: 24, size: 'max' });
  await fc.assert(
    fc.asyncProperty(commands, fc.scheduler(), async (sequence, scheduler) => {
      const system = new System(
        {
          limits,
          hasGuard,
          turn: (label) => scheduler.schedule(Promise.resolve(), label),
          finish: (work) => scheduler.waitFor(work),
          passTime: (ms) => void vi.advanceTimersByTime(ms),
        },
        FIRST_KEYS,
        FIRST_KEYS,
      );
      await fc.asyncModelRun(
        () => ({ model: createModel(limits, hasGuard), real: system }),
        sequence,
      );
    }),
    { numRuns: RUNS },
  );
}

function createModel(limits: LimitNumbers, hasGuard: boolean): Model {
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
    hasGuard,
  };
}

describe('the library does what the contract allows, whatever is asked and whatever fails', () => {
  test.each([
    ['the limits of the contract', CONTRACT_LIMITS, false],
    ['low limits', LOW_LIMITS, false],
    ['low limits and a guard', LOW_LIMITS, true],
    ['high limits and a guard', HIGH_LIMITS, true],
  ])(
    'to R11, R13, R14, S01, S08, S11, S12, S14, S16 under %s [R01]',
    (_, limits, hasGuard) => compare(limits, hasGuard),
    TIME_LIMIT_MS,
  );
});
