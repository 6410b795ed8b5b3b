import assert from 'node:assert/strict';
import { createMemoryStore } from '@otp/core';
import {
  createTestClock,
  createTestService,
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  type TestService,
  type TestServiceOptions,
} from '@otp/testing';
import { directExchange, showExchange } from '@otp/testing/internal';
import { type Answer, assertContractAnswer } from '../oracles/contract-answer.js';
import { type Effect, recordEffects } from '../oracles/record-effects.js';
import { routeOf } from '../oracles/route-of.js';
import { GENERATION_OPTIONS } from './request.js';

/** A service that many generated requests share, and that can be reset. */
export interface PropertyWorld extends TestService {
  /** Two valid challenge tokens, reused because signing takes longer than a request. */
  readonly token: string;
  readonly otherToken: string;
  readonly exchange: Exchange;
  /** Sends a request, and asserts that the contract allows its answer and its effects. */
  exchangeChecked(request: ExchangeRequest): Promise<CheckedExchange>;
  /** Empties the store and sets the clock back. */
  reset(): Promise<void>;
}

interface CheckedExchange {
  readonly answer: Answer;
  readonly response: ExchangeResponse;
  /** Whether the request changed the store or sent a message. */
  readonly leftTrace: boolean;
}

/** The recipient of the challenge tokens. */
const session = () => 'session-1';

export function createPropertyWorld(options: TestServiceOptions = {}): PropertyWorld {
  const clock = createTestClock();
  const start = clock.now();
  const memory = createMemoryStore({ now: clock.now });
  const recorded = recordEffects(memory);
  const test = createTestService({
    ...GENERATION_OPTIONS,
    ...options,
    testClock: clock,
    store: recorded,
  });
  const { service, sender } = test;
  const exchange = directExchange(service, { session });
  return {
    ...test,
    token: test.challenge(),
    otherToken: test.challenge(),
    exchange,
    async exchangeChecked(request) {
      recorded.forget();
      const messages = sender.messages.length;
      const response = await exchange(request);
      try {
        const answer = assertContractAnswer(request, response, GENERATION_OPTIONS);
        const sent = sender.messages.length - messages;
        const { effects } = recorded;
        assertTrace(`${request.method} ${routeOf(request)} ${answer}`, { effects, sent });
        return { answer, response, leftTrace: effects.length > 0 || sent > 0 };
      } catch (error) {
        throw new Error(showExchange(request, response), { cause: error });
      }
    },
    async reset() {
      await memory.close();
      clock.advance((start - clock.now()) / 1000);
    },
  };
}

interface Trace {
  readonly effects: readonly Effect[];
  readonly sent: number;
}

/** The effects that the contract allows for each answer. All others must have none. */
const TRACES: Readonly<Record<string, { readonly effects: RegExp; readonly sent: number }>> = {
  'POST / 204': { effects: /^open(?: charge)?(?: record)?$/, sent: 1 },
  // Another recipient beside a token counts as a wrong code, behind what the client is charged.
  'POST / token_mismatch': { effects: /^(?:charge charge)?$/, sent: 0 },
  'POST /retry 204': { effects: /^send$/, sent: 1 },
  'POST /check 200': { effects: /^guess complete$/, sent: 0 },
  'POST /check bad_check_code': { effects: /^guess charge$/, sent: 0 },
  'POST /check token_reused': { effects: /^guess$/, sent: 0 },
  'POST /check rate_limited': { effects: /^guess$/, sent: 0 },
};
const NONE = { effects: /^$/, sent: 0 };

function assertTrace(exchange: string, { effects, sent }: Trace): void {
  const expected = TRACES[exchange] ?? NONE;
  assert.match(effects.join(' '), expected.effects, `${exchange} changes the store`);
  assert.equal(sent, expected.sent, `${exchange} sends`);
}
