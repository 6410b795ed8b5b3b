import type { Challenge, Grant, Keys, Verification } from './book.js';
import type { Rule } from './counts.js';
import { ask, type Operation, refuseIf, type Step, take } from './operation.js';

/** The contract with its numbers, independent of the library. */

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const EVER = Number.MAX_SAFE_INTEGER;
const TOLERANCE_MS = 30 * SECOND;

/** Intervals after the 1st, 2nd, … message of a verification and to a recipient. */
const GAPS_MS = [30, 60, 120, 240].map((seconds) => seconds * SECOND);

export const LIFE_MS = 600 * SECOND;
export const COMPLETED_MS = 300 * SECOND;

/** Limits that a host can set. */
export interface LimitNumbers {
  readonly recipient: readonly { readonly max: number; readonly windowSeconds: number }[];
  readonly clientAddress: readonly { readonly max: number; readonly windowSeconds: number }[];
  readonly userFailures: { readonly max: number; readonly windowSeconds: number };
  readonly consecutiveFailures: number;
}

export const CONTRACT_LIMITS: LimitNumbers = {
  recipient: [
    { max: 5, windowSeconds: 3_600 },
    { max: 10, windowSeconds: 86_400 },
  ],
  clientAddress: [
    { max: 30, windowSeconds: 600 },
    { max: 100, windowSeconds: 3_600 },
  ],
  userFailures: { max: 20, windowSeconds: 86_400 },
  consecutiveFailures: 100,
};

/** The result of a sender: success, or a kind of failure. */
export type SenderEnd = 'works' | 'unavailable' | 'throws' | 'rejected' | 'unknown' | 'hangs';

export const guesses = ({ name }: Verification): Rule => once(`guesses ${name}`, 5);
export const sends = ({ name }: Verification): Rule => ({
  ...once(`sends ${name}`, 5),
  gapsMs: GAPS_MS,
});
const ended = ({ name }: Verification) => once(`ended ${name}`, 1);
const used = ({ name }: Challenge) => once(`used ${name}`, 1);
const challengeCreates = ({ name }: Challenge) => once(`creates ${name}`, 5);
const challengeFailures = ({ name }: Challenge) => once(`failures ${name}`, 5);
const consumed = ({ name }: Grant) => once(`consumed ${name}`, 1);

function once(key: string, max: number): Rule {
  return { key, max, windowMs: EVER };
}

export class Rules {
  readonly #limits: LimitNumbers;

  constructor(limits: LimitNumbers) {
    this.#limits = limits;
  }

  create({ recipient, address, challenge, sender }: CreateFacts, now: number): Operation {
    const messages = this.#recipient(recipient, flowOf(challenge));
    const send = [...messages, ...windows(`address ${address}`, this.#limits.clientAddress)];
    const budget = challenge === undefined ? [] : [challengeCreates(challenge)];
    const steps = [
      ...(challenge === undefined
        ? []
        : [
            ...refuseIf(isOver(challenge, now), 'expired_challenge_token'),
            ask(used(challenge), 'invalid_challenge_token'),
            ask(challengeFailures(challenge), 'auth_blocked'),
            take(challengeCreates(challenge), 'auth_blocked'),
            ask(this.#userFailures(challenge), 'auth_blocked'),
          ]),
      ask(this.#consecutive(recipient, flowOf(challenge)), 'auth_blocked'),
      ...send.map((rule) => take(rule, 'auth_blocked')),
    ];
    // Client limits are not given back, which would allow unlimited provider calls.
    return sent([{ steps }], sender, [...budget, ...messages]);
  }

  retry(
    verification: Verification | undefined,
    { secrets, sender }: SendFacts,
    now: number,
  ): Operation {
    if (verification === undefined) return unknown([]);
    const steps = [...live(verification, now), take(sends(verification), 'rate_limited')];
    const retired = { steps: refuseIf(isRetired(verification, secrets), 'unauthorized') };
    return sent([{ steps }, retired], sender, [sends(verification)]);
  }

  check({ verification, shown, code, secrets }: CheckFacts, now: number): Operation {
    const expired = refuseIf(isOver(shown, now), 'expired_challenge_token');
    if (verification === 'none') return { atoms: [], answer: 'unauthorized' };
    if (verification === 'unknown') {
      return unknown(expired);
    }
    const { challenge, recipient } = verification;
    const isOther = challenge?.name !== shown?.name;
    const reserve = [
      ...expired,
      ...live(verification, now),
      ...refuseIf(isOther, shown === undefined ? 'bad_request' : 'token_mismatch'),
      take(guesses(verification), 'unauthorized'),
    ];
    const failures = this.#consecutive(recipient, flowOf(challenge));
    const budgets =
      challenge === undefined ? [] : [challengeFailures(challenge), this.#userFailures(challenge)];
    const token = challenge === undefined ? [] : [used(challenge)];
    const isWrong = code !== verification.code;
    return {
      atoms: [
        { steps: reserve },
        {
          steps: [
            ask(ended(verification), 'unauthorized'),
            ...token.map((rule) => ask(rule, 'token_reused')),
            ...budgets.map((rule) => take(rule, 'rate_limited')),
          ],
        },
        { steps: refuseIf(isRetired(verification, secrets), 'unauthorized') },
        isWrong
          ? { steps: [take({ ...failures, max: EVER }, 'never')] }
          : {
              steps: [
                take(ended(verification), 'unauthorized'),
                ...token.map((rule) => take(rule, 'token_reused')),
              ],
              refund: budgets,
              reset: [failures],
            },
      ],
      answer: isWrong ? 'bad_check_code' : '200',
    };
  }

  consume(grant: Grant, { user, signingKeys }: ConsumeFacts, now: number): Operation {
    const steps = [
      ...refuseIf(!signingKeys.known.includes(grant.signedBy), 'invalid_challenge_token'),
      ...refuseIf(isOver(grant, now), 'expired_challenge_token'),
      ...refuseIf(user !== grant.user, 'token_mismatch'),
      take(consumed(grant), 'token_reused'),
    ];
    return { atoms: [{ steps }], answer: 'taken' };
  }

  #recipient(recipient: string, flow: string): Rule[] {
    const [first, ...others] = windows(`sends to ${recipient} ${flow}`, this.#limits.recipient);
    return first === undefined ? [] : [{ ...first, gapsMs: GAPS_MS }, ...others];
  }

  #consecutive(recipient: string, flow: string): Rule {
    const { consecutiveFailures: max } = this.#limits;
    return { key: `in a row ${recipient} ${flow}`, max, windowMs: 365 * 24 * HOUR };
  }

  #userFailures({ user }: Challenge): Rule {
    const { max, windowSeconds } = this.#limits.userFailures;
    return { key: `failures of ${user}`, max, windowMs: windowSeconds * SECOND };
  }
}

interface SendFacts {
  readonly sender: SenderEnd;
  readonly secrets: Keys;
}

export interface CreateFacts {
  readonly recipient: string;
  readonly address: string;
  readonly challenge: Challenge | undefined;
  readonly sender: SenderEnd;
}

export interface CheckFacts {
  /** The verification of the cookie; `none`: there is no cookie. */
  readonly verification: Verification | 'none' | 'unknown';
  readonly shown: Challenge | undefined;
  readonly code: string;
  readonly secrets: Keys;
}

export interface ConsumeFacts {
  /** The user that the host expects; undefined for a session start. */
  readonly user: string | undefined;
  readonly signingKeys: Keys;
}

/** The atoms after the send, which follows those of the store. An unknown outcome counts as sent. */
function sent(atoms: Operation['atoms'], sender: SenderEnd, budget: readonly Rule[]): Operation {
  switch (sender) {
    case 'works':
    case 'unknown':
    case 'hangs':
      return { atoms, answer: '204' };
    case 'unavailable':
    case 'throws':
      return { atoms: [...atoms, { steps: [], refund: budget }], answer: 'internal' };
    case 'rejected':
      return { atoms: [...atoms, { steps: [] }], answer: 'auth_blocked' };
  }
}

function live(verification: Verification, now: number) {
  return [
    ...refuseIf(verification.endsAt <= now, 'unauthorized'),
    ask(ended(verification), 'unauthorized'),
    ask(guesses(verification), 'unauthorized'),
  ];
}

function unknown(before: readonly Step[]): Operation {
  return { atoms: [{ steps: [...before, ...refuseIf(true, 'unauthorized')] }], answer: 'never' };
}

function isRetired({ secret }: Verification, { known }: Keys): boolean {
  return !known.includes(secret);
}

function isOver(token: { readonly endsAt: number } | undefined, now: number): boolean {
  return token !== undefined && token.endsAt + TOLERANCE_MS <= now;
}

function flowOf(challenge: Challenge | undefined): string {
  return challenge === undefined ? 'standalone' : 'step-up';
}

function windows(key: string, limits: LimitNumbers['recipient']): Rule[] {
  return limits.map(({ max, windowSeconds }) => ({
    key: `${key} in ${windowSeconds} s`,
    max,
    windowMs: windowSeconds * SECOND,
  }));
}
