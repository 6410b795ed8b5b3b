import assert from 'node:assert/strict';
import type { ExpectedStepUp } from '@otp/core';
import { verificationId } from '../../packages/core/src/lib/verification/verification-token.js';
import {
  type Book,
  type Challenge,
  type Client,
  type Grant,
  newest,
  type Verification,
} from './book.js';
import { type Counts, charged, eventsOf, possibleCounts } from './counts.js';
import type { Ledger } from './ledger.js';
import type { Operation } from './operation.js';
import {
  COMPLETED_MS,
  type CreateFacts,
  GUESSES,
  type GuardEnd,
  guesses,
  LIFE_MS,
  type Rules,
  type SenderEnd,
  sends,
} from './rules.js';
import type { Answer, System } from './system.js';

/** A request. Numbers pick from the known values, 0 the newest. */
export type Ask =
  | { readonly ask: 'create'; readonly recipient: number; readonly address: number }
  | StepUpAsk
  | { readonly ask: 'retry'; readonly of: number }
  | CheckAsk
  | { readonly ask: 'consume'; readonly of: number; readonly by: 'right' | 'wrong' };

interface StepUpAsk {
  readonly ask: 'step-up';
  readonly challenge: number;
  readonly address: number;
  readonly beside: CreateFacts['beside'];
}

interface CheckAsk {
  readonly ask: 'check';
  readonly of: number;
  readonly cookie: 'own' | 'none' | 'unknown';
  readonly code: 'right' | 'wrong' | 'of another';
  readonly shown: 'own' | 'none' | 'another';
}

/** The known values, the rules, and what was seen. */
export interface Model {
  readonly book: Book;
  readonly rules: Rules;
  readonly ledger: Ledger;
  /** Requests with their answers, of all sequences together. */
  readonly seen: Set<string>;
  readonly hasGuard: boolean;
}

/** A request with all its values: its operation, how to send it, and the values known afterwards. */
export interface Plan {
  readonly ask: Ask['ask'];
  readonly operation: Operation;
  perform(system: System): Promise<Answer>;
  learn(answer: Answer, seen: { readonly system: System; readonly isAlone: boolean }): void;
}

/** Two spellings of one address, one that shares its limit, another one, and the numbers of users. */
const RECIPIENTS = [
  { type: 'email_address', value: 'a@example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'A@Example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'a+1@example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'b@example.com', bucket: 'b@example.com' },
  { type: 'phone_number', value: '+33612345670', bucket: '+33612345670' },
  { type: 'phone_number', value: '+33612345671', bucket: '+33612345671' },
] as const;
/** Instead of these: a new recipient. */
export const STRANGER = RECIPIENTS.length;
const V4 = '203.0.113.7';
const SITE = '2001:db8:1';
/** One of IPv4, two of one IPv6 /48, and one whose address nobody knows. */
export const CLIENTS: readonly [Client, ...Client[]] = [
  { address: V4, bucket: V4, site: undefined, network: V4 },
  { address: `${SITE}:1::1`, bucket: `${SITE}:1`, site: SITE, network: SITE },
  { address: `${SITE}:2::1`, bucket: `${SITE}:2`, site: SITE, network: SITE },
  { address: undefined, bucket: 'unknown', site: undefined, network: undefined },
];
const UNKNOWN_COOKIE = `__verification-login_app=${'A'.repeat(43)}`;

export function phoneOf(user: number): string {
  return `+3361234567${user}`;
}

/** Undefined if there is nothing to send. */
export function planOf(ask: Ask, model: Model, at: Circumstances): Plan | undefined {
  switch (ask.ask) {
    case 'create':
      return planCreate(model, { ...ask, ...at });
    case 'step-up': {
      const challenge = newest(model.book.challenges, ask.challenge);
      return challenge && planStepUp(model, challenge, ask, at);
    }
    case 'retry':
      return planRetry(model, newest(model.book.verifications, ask.of), at);
    case 'check':
      return planCheck(model, ask, at.now);
    case 'consume': {
      const grant = newest(model.book.grants, ask.of);
      return grant && planConsume(model, grant, ask.by === 'right', at.now);
    }
  }
}

interface Circumstances {
  readonly sender: SenderEnd;
  readonly guard: GuardEnd;
  readonly now: number;
}

function planCreate(
  model: Model,
  { recipient, address, ...rest }: Circumstances & { recipient: number; address: number },
): Plan {
  const value = `stranger-${model.book.strangers}@example.com`;
  if (recipient === STRANGER) model.book.strangers += 1;
  const chosen = RECIPIENTS[recipient] ?? { type: 'email_address', value, bucket: value };
  const { type, bucket } = chosen;
  const body = { identifier: { type, value: chosen.value } };
  const facts = { recipient: bucket, challenge: undefined, beside: 'none' } as const;
  return planSend(model, { body, client: clientOf(address), ...facts, ...rest });
}

function planStepUp(
  model: Model,
  challenge: Challenge,
  { address, beside }: StepUpAsk,
  at: Circumstances,
): Plan {
  const { recipient } = challenge;
  const other = recipient === phoneOf(0) ? phoneOf(1) : phoneOf(0);
  const identifier = { type: 'phone_number', value: beside === 'own' ? recipient : other };
  const body = { challenge_token: challenge.text, ...(beside !== 'none' && { identifier }) };
  const client = clientOf(address);
  return planSend(model, { body, recipient, client, challenge, beside, ...at });
}

function clientOf(address: number): Client {
  return CLIENTS[address] ?? CLIENTS[0];
}

interface SendPlan extends Circumstances, CreateFacts {
  readonly body: object;
}

function planSend({ book, rules }: Model, plan: SendPlan): Plan {
  const { body, recipient, client, challenge, beside, now } = plan;
  // Another request at once may change it before this one is counted, or after.
  const areFew = rules.areGuessesFew(book.counts, plan, now);
  return {
    ask: challenge === undefined ? 'create' : 'step-up',
    operation: rules.create(plan, now),
    perform: (system) => system.create(body, client.address),
    learn({ cookie }, { system }) {
      if (cookie === undefined) return;
      const code = system.codeOf(verificationId('app', cookie.split('=')[1] ?? ''));
      const name = `verification ${book.verifications.length}`;
      const secret = book.secrets.active;
      const [openedAt, endsAt] = [now, now + LIFE_MS];
      const facts = { recipient, client, challenge, beside };
      const made = { name, cookie, code, ...facts, secret, openedAt, endsAt };
      book.verifications.push(made);
      const send = sends(made);
      book.counts.set(send.key, possibleCounts(charged(new Map(), send, now), send.key, now));
      areFew.push(...rules.areGuessesFew(book.counts, plan, now));
      const possible = [...new Set(areFew)].flatMap((isFew) => guessesAtFirst(made, isFew));
      book.counts.set(guesses(made).key, possible);
    },
  };
}

/** One guess is all but one already made. */
function guessesAtFirst(verification: Verification, isFew: boolean) {
  const rule = guesses(verification);
  let counts: Counts = new Map();
  for (let n = 1; isFew && n < GUESSES; n += 1) {
    counts = charged(counts, rule, verification.openedAt);
  }
  return possibleCounts(counts, rule.key, verification.openedAt);
}

function planRetry(
  { book, rules }: Model,
  verification: Verification | undefined,
  { sender, guard, now }: Circumstances,
): Plan {
  return {
    ask: 'retry',
    operation: rules.retry(verification, { sender, guard, secrets: book.secrets }, now),
    perform: (system) => system.retry(verification?.cookie ?? UNKNOWN_COOKIE),
    learn() {},
  };
}

function planCheck({ book, rules, ledger }: Model, ask: CheckAsk, now: number): Plan {
  const known = newest(book.verifications, ask.of);
  const verification = ask.cookie === 'own' ? (known ?? 'unknown') : ask.cookie;
  const shown = shownBy(book, known, ask);
  const code = codeBy(book, known, ask);
  const cookie = {
    own: known?.cookie ?? UNKNOWN_COOKIE,
    none: undefined,
    unknown: UNKNOWN_COOKIE,
  }[ask.cookie];
  return {
    ask: 'check',
    operation: rules.check({ verification, shown, code, secrets: book.secrets }, now),
    perform: (system) =>
      system.check(cookie, { code, ...(shown && { challenge_token: shown.text }) }),
    learn(answer, { isAlone }) {
      if (typeof verification === 'string') return;
      ledger.check(verification, answer);
      if (isAlone) learnGuesses(book, verification, answer, now);
      if (answer.token === undefined) return;
      book.grants.push({
        name: `grant ${book.grants.length}`,
        text: answer.token,
        user: verification.challenge?.user,
        signedBy: book.signingKeys.active,
        endsAt: Math.floor(now / 1000) * 1000 + COMPLETED_MS,
      });
    },
  };
}

/** Without other requests, `attempts_left` is what the model says, or one of its possibilities. */
function learnGuesses(
  book: Book,
  verification: Verification,
  { attemptsLeft }: Answer,
  now: number,
) {
  if (attemptsLeft === undefined) return;
  const { key } = guesses(verification);
  const actual = possibleCounts(book.counts, key, now).filter(
    (count) => GUESSES - eventsOf(count, now) === attemptsLeft,
  );
  assert.ok(actual.length > 0, `${attemptsLeft} attempts cannot be left`);
  book.counts.set(key, actual);
}

function shownBy(book: Book, known: Verification | undefined, { shown }: CheckAsk) {
  const own = known?.challenge;
  if (shown === 'own') return own;
  return shown === 'none' ? undefined : book.challenges.find(({ name }) => name !== own?.name);
}

function codeBy(book: Book, known: Verification | undefined, { code }: CheckAsk): string {
  const right = known?.code ?? '123456';
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
  if (code === 'right') return right;
  return (code === 'of another' && book.verifications[0]?.code) || wrong;
}

function planConsume({ book, rules, ledger }: Model, grant: Grant, isRight: boolean, now: number) {
  const user = isRight ? grant.user : grant.user === undefined ? 'user-0' : undefined;
  const expected: ExpectedStepUp | undefined =
    user === undefined ? undefined : { sub: user, sid: 'session-1', scope: 'transfer' };
  return {
    ask: 'consume' as const,
    operation: rules.consume(grant, { user, signingKeys: book.signingKeys }, now),
    perform: (system: System) => system.consume(grant.text, expected),
    learn(answer: Answer) {
      ledger.consume(grant, answer);
    },
  };
}
