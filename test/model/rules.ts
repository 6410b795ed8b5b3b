import type { Challenge, Grant, Keys, Verification } from './book.js';
import { type Counts, eventsOf, possibleCounts, type Rule } from './counts.js';
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

type Windows = readonly { readonly max: number; readonly windowSeconds: number }[];

interface FlowNumbers {
  readonly recipient: Windows;
  readonly clientAddress: Windows;
  readonly clientNetwork: Windows;
}

/** Limits that a host can set. */
export interface LimitNumbers {
  readonly standalone: FlowNumbers & { readonly recipientShare: Windows };
  readonly stepUp: FlowNumbers;
  readonly numberPrefix: Windows;
  readonly numberPrefixShare: Windows;
  readonly userFailures: Windows[number];
  readonly consecutiveFailures: number;
}

const CLIENTS = {
  clientAddress: [
    { max: 30, windowSeconds: 600 },
    { max: 100, windowSeconds: 3_600 },
  ],
  clientNetwork: [
    { max: 150, windowSeconds: 600 },
    { max: 500, windowSeconds: 3_600 },
  ],
};

export const CONTRACT_LIMITS: LimitNumbers = {
  standalone: {
    recipient: [
      { max: 9, windowSeconds: 3_600 },
      { max: 18, windowSeconds: 86_400 },
    ],
    recipientShare: [
      { max: 3, windowSeconds: 3_600 },
      { max: 6, windowSeconds: 86_400 },
    ],
    ...CLIENTS,
  },
  stepUp: {
    recipient: [
      { max: 5, windowSeconds: 3_600 },
      { max: 10, windowSeconds: 86_400 },
    ],
    ...CLIENTS,
  },
  numberPrefix: [{ max: 30, windowSeconds: 3_600 }],
  numberPrefixShare: [{ max: 10, windowSeconds: 3_600 }],
  userFailures: { max: 20, windowSeconds: 86_400 },
  consecutiveFailures: 100,
};

/** The result of a sender: success, or a kind of failure. */
export type SenderEnd = 'works' | 'unavailable' | 'throws' | 'rejected' | 'unknown' | 'hangs';

export const GUESSES = 5;
export const guesses = ({ name }: Verification): Rule => once(`guesses ${name}`, GUESSES);
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
  return { key, windows: [{ max, windowMs: EVER }] };
}

export class Rules {
  readonly #limits: LimitNumbers;

  constructor(limits: LimitNumbers) {
    this.#limits = limits;
  }

  create(facts: CreateFacts, now: number): Operation {
    const { challenge, beside, guard, sender } = facts;
    const before = refuseIf(isOver(challenge, now), 'expired_challenge_token');
    const asked = this.#askedOfToken(challenge);
    const creates = challenge === undefined ? [] : [challengeCreates(challenge)];
    const ofClient = [...creates, ...this.#trials(facts), ...this.#client(facts)].map((rule) =>
      take(rule, 'auth_blocked'),
    );
    const budget = this.#recipient(facts);
    const ofMessage = [
      ...this.#stepUpCaps(facts).map((rule) => ask(rule, 'auth_blocked')),
      ...[...budget, ...this.#prefix(facts)].map((rule) => take(rule, 'auth_blocked')),
    ];
    // Neither the limits of clients nor those of prefixes are given back, which would allow calls of providers without end.
    const refunds = [...creates, ...budget];
    if (guard === 'none' && beside === 'none') {
      const steps = [...before, ...asked, ...ofClient, ...ofMessage];
      return sent([{ steps }], sender, refunds);
    }
    const first = { steps: [...before, ...asked, ...ofClient] };
    if (beside === 'another') {
      const guess = this.#guessBudgets(challenge).map((rule) => take(rule, 'auth_blocked'));
      return { atoms: [first, { steps: guess }], answer: 'token_mismatch' };
    }
    if (guard === 'block') return { atoms: [first], answer: 'auth_blocked' };
    return sent([first, { steps: [...asked, ...ofMessage] }], sender, refunds);
  }

  /** Whether a verification that is opened now may have one guess in place of five. */
  areGuessesFew(counts: Counts, { challenge, recipient }: Opener, now: number): boolean[] {
    if (challenge !== undefined) return [false];
    const { key } = standaloneFailures(recipient);
    const max = this.#limits.consecutiveFailures;
    return possibleCounts(counts, key, now).map((count) => eventsOf(count, now) >= max);
  }

  retry(
    verification: Verification | undefined,
    { secrets, sender, guard }: SendFacts,
    now: number,
  ): Operation {
    if (verification === undefined) return unknown([]);
    const steps = [...live(verification, now), take(sends(verification), 'rate_limited')];
    const retired = { steps: refuseIf(isRetired(verification, secrets), 'unauthorized') };
    if (guard === 'block') return { atoms: [{ steps }, retired], answer: 'auth_blocked' };
    return sent([{ steps }, retired], sender, [sends(verification)]);
  }

  check({ verification, shown, code, secrets }: CheckFacts, now: number): Operation {
    const expired = refuseIf(isOver(shown, now), 'expired_challenge_token');
    if (verification === 'none') return { atoms: [], answer: 'unauthorized' };
    if (verification === 'unknown') {
      return unknown(expired);
    }
    const { challenge } = verification;
    const isOther = challenge?.name !== shown?.name;
    const reserve = [
      ...expired,
      ...live(verification, now),
      ...refuseIf(isOther, shown === undefined ? 'bad_request' : 'token_mismatch'),
      take(guesses(verification), 'unauthorized'),
    ];
    const failures = this.#failures(verification);
    const budgets = this.#guessBudgets(challenge);
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
          ? { steps: failures.map((rule) => take(rule, 'never')) }
          : {
              steps: [
                take(ended(verification), 'unauthorized'),
                ...token.map((rule) => take(rule, 'token_reused')),
              ],
              success: {
                openedAt: verification.openedAt,
                guess: [...budgets, ...this.#trials(verification)],
                create: [...this.#recipient(verification), this.#address(verification)],
                reset: failures,
              },
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

  #askedOfToken(challenge: Challenge | undefined): Step[] {
    if (challenge === undefined) return [];
    return [
      ask(used(challenge), 'invalid_challenge_token'),
      ...this.#guessBudgets(challenge).map((rule) => ask(rule, 'auth_blocked')),
    ];
  }

  #guessBudgets(challenge: Challenge | undefined): Rule[] {
    if (challenge === undefined) return [];
    const ofUser = limit(`failures of ${challenge.user}`, [this.#limits.userFailures]);
    return [challengeFailures(challenge), ofUser];
  }

  /** The recipients that a user names beside tokens, right or wrong. */
  #trials({ challenge, beside }: Pick<Verification, 'challenge' | 'beside'>): Rule[] {
    if (challenge === undefined || beside === 'none') return [];
    return [limit(`recipients of ${challenge.user}`, [this.#limits.userFailures])];
  }

  #address({ client, challenge }: Opener): Rule {
    const { clientAddress } = this.#ofFlow(challenge);
    return limit(`address ${client.bucket} ${flowOf(challenge)}`, clientAddress);
  }

  #client(opener: Opener): Rule[] {
    const { client, challenge } = opener;
    const { clientNetwork } = this.#ofFlow(challenge);
    const { site } = client;
    const ofSite = limit(`site ${site} ${flowOf(challenge)}`, clientNetwork);
    return [this.#address(opener), ...(site === undefined ? [] : [ofSite])];
  }

  #recipient({ recipient, client, challenge }: Opener): Rule[] {
    const all = limit(
      `sends to ${recipient} ${flowOf(challenge)}`,
      this.#ofFlow(challenge).recipient,
    );
    const { network } = client;
    if (challenge !== undefined || network === undefined) return [{ ...all, gapsMs: GAPS_MS }];
    const { recipientShare } = this.#limits.standalone;
    return [all, { ...limit(`${all.key} from ${network}`, recipientShare), gapsMs: GAPS_MS }];
  }

  /** Numbers that differ in their last four digits only have one prefix. */
  #prefix({ recipient, client: { network }, challenge }: Opener): Rule[] {
    if (challenge !== undefined || !recipient.startsWith('+')) return [];
    const { numberPrefix, numberPrefixShare } = this.#limits;
    const all = limit(`prefix ${recipient.slice(0, -4)}`, numberPrefix);
    if (network === undefined) return [all];
    return [all, limit(`${all.key} from ${network}`, numberPrefixShare)];
  }

  /** Wrong codes in a row, which refuse nothing by themselves. */
  #failures({ recipient, challenge }: Opener): Rule[] {
    if (challenge === undefined) return [standaloneFailures(recipient)];
    const key = `in a row ${challenge.user}`;
    return [inARow(key), inARow(`${key} by ${recipient}`)];
  }

  #stepUpCaps(opener: Opener): Rule[] {
    if (opener.challenge === undefined) return [];
    const max = this.#limits.consecutiveFailures;
    return this.#failures(opener).map(({ key }) => inARow(key, max));
  }

  #ofFlow(challenge: Challenge | undefined): FlowNumbers {
    return challenge === undefined ? this.#limits.standalone : this.#limits.stepUp;
  }
}

function standaloneFailures(recipient: string): Rule {
  return inARow(`in a row ${recipient}`);
}

function inARow(key: string, max = EVER): Rule {
  return { key, windows: [{ max, windowMs: 365 * 24 * HOUR }] };
}

/** What a create and its verification are counted by. */
type Opener = Pick<Verification, 'recipient' | 'client' | 'challenge'>;

/** The verdict of the guard of the host, if there is one. */
export type GuardEnd = 'none' | 'allow' | 'block';

interface SendFacts {
  readonly sender: SenderEnd;
  readonly guard: GuardEnd;
  readonly secrets: Keys;
}

export interface CreateFacts extends Opener {
  readonly beside: Verification['beside'];
  readonly sender: SenderEnd;
  readonly guard: GuardEnd;
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

function limit(key: string, windows: Windows): Rule {
  const toRule = ({ max, windowSeconds }: Windows[number]) => ({
    max,
    windowMs: windowSeconds * SECOND,
  });
  return { key, windows: windows.map(toRule) };
}
