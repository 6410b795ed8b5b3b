import assert from 'node:assert/strict';
import type { ExpectedStepUp } from '@otp/core';
import { verificationId } from '../../packages/core/src/lib/verification/verification-token.js';
import { type Book, type Challenge, type Grant, newest, type Verification } from './book.js';
import { charged, possibleCounts } from './counts.js';
import type { Ledger } from './ledger.js';
import type { Operation } from './operation.js';
import { COMPLETED_MS, guesses, LIFE_MS, type Rules, type SenderEnd, sends } from './rules.js';
import type { Answer, System } from './system.js';

/** A request. Numbers pick from the known values, 0 the newest. */
export type Ask =
  | { readonly ask: 'create'; readonly recipient: number; readonly address: number }
  | { readonly ask: 'step-up'; readonly challenge: number; readonly address: number }
  | { readonly ask: 'retry'; readonly of: number }
  | CheckAsk
  | { readonly ask: 'consume'; readonly of: number; readonly by: 'right' | 'wrong' };

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
}

/** A request with all its values: its operation, how to send it, and the values known afterwards. */
export interface Plan {
  readonly ask: Ask['ask'];
  readonly operation: Operation;
  perform(system: System): Promise<Answer>;
  learn(answer: Answer, seen: { readonly system: System; readonly isAlone: boolean }): void;
}

/** Two spellings of one address, one that shares its limit, another one, and a user's number. */
const RECIPIENTS = [
  { type: 'email_address', value: 'a@example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'A@Example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'a+1@example.com', bucket: 'a@example.com' },
  { type: 'email_address', value: 'b@example.com', bucket: 'b@example.com' },
  { type: 'phone_number', value: '+33612345670', bucket: '+33612345670' },
] as const;
/** Instead of these: a new recipient. */
export const STRANGER = RECIPIENTS.length;
const ADDRESSES = ['203.0.113.7', '203.0.113.8'] as const;
const UNKNOWN_COOKIE = `__verification-login_app=${'A'.repeat(43)}`;

export function phoneOf(user: number): string {
  return `+3361234567${user}`;
}

/** Undefined if there is nothing to send. */
export function planOf(ask: Ask, model: Model, sender: SenderEnd, now: number): Plan | undefined {
  switch (ask.ask) {
    case 'create':
      return planCreate(model, { ...ask, sender, now });
    case 'step-up': {
      const challenge = newest(model.book.challenges, ask.challenge);
      return challenge && planStepUp(model, challenge, { ...ask, sender, now });
    }
    case 'retry':
      return planRetry(model, newest(model.book.verifications, ask.of), { sender, now });
    case 'check':
      return planCheck(model, ask, now);
    case 'consume': {
      const grant = newest(model.book.grants, ask.of);
      return grant && planConsume(model, grant, ask.by === 'right', now);
    }
  }
}

interface Circumstances {
  readonly sender: SenderEnd;
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
  return planSend(model, { body, recipient: bucket, address, challenge: undefined, ...rest });
}

function planStepUp(
  model: Model,
  challenge: Challenge,
  { address, sender, now }: Circumstances & { address: number },
): Plan {
  const body = { challenge_token: challenge.text };
  const { recipient } = challenge;
  return planSend(model, { body, recipient, address, challenge, sender, now });
}

interface SendPlan extends Circumstances {
  readonly body: object;
  readonly recipient: string;
  readonly address: number;
  readonly challenge: Challenge | undefined;
}

function planSend({ book, rules }: Model, plan: SendPlan): Plan {
  const { body, recipient, challenge, sender, now } = plan;
  const address = ADDRESSES[plan.address] ?? '';
  return {
    ask: challenge === undefined ? 'create' : 'step-up',
    operation: rules.create({ recipient, address, challenge, sender }, now),
    perform: (system) => system.create(body, address),
    learn({ cookie }, { system }) {
      if (cookie === undefined) return;
      const code = system.codeOf(verificationId('app', cookie.split('=')[1] ?? ''));
      const name = `verification ${book.verifications.length}`;
      const secret = book.secrets.active;
      const endsAt = now + LIFE_MS;
      const made = { name, cookie, code, recipient, challenge, secret, endsAt };
      book.verifications.push(made);
      const opened = charged(new Map(), sends(made), now);
      for (const [key, possible] of opened) book.counts.set(key, possible);
    },
  };
}

function planRetry(
  { book, rules }: Model,
  verification: Verification | undefined,
  { sender, now }: Circumstances,
): Plan {
  return {
    ask: 'retry',
    operation: rules.retry(verification, { sender, secrets: book.secrets }, now),
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
  const { key, max } = guesses(verification);
  const actual = possibleCounts(book.counts, key, now).filter(
    ({ events }) => max - events === attemptsLeft,
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
