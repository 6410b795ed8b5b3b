import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowLimitOptions, LimitOptions } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import { directExchange } from '../http/direct-adapter.js';
import { type ExchangeResponse, type PostOptions, post } from '../http/exchange.js';
import { recordCalls } from '../service/recording-store.js';
import { createTestService } from '../service/test-service.js';
import { type Scenario, type ScenarioOptions, toScenario } from './scenario.js';

/** A service without a framework, and a function for each operation. */
export interface TestKit extends Scenario {
  create(body: unknown, options?: PostOptions): Promise<ExchangeResponse>;
  retry(cookie: string | undefined, options?: PostOptions): Promise<ExchangeResponse>;
  /** @param more members beside the code, such as the challenge token */
  check(cookie: string | undefined, code: string, more?: object): Promise<ExchangeResponse>;
}

export function setUp({ session, ...options }: ScenarioOptions = {}): TestKit {
  const test = createTestService(options);
  const exchange = directExchange(test.service, session === undefined ? {} : { session });
  const url = 'https://api.test/v1/session/otp';
  return {
    ...toScenario(test, { url, exchange, async close() {} }),
    create: (body, more) => exchange(post('/', body, more)),
    retry: (cookie, more) => exchange(post('/retry', {}, { cookie, ...more })),
    check: (cookie, code, more) => exchange(post('/check', { code, ...more }, { cookie })),
  };
}

/** A create of a client with that address. */
export function createFrom(
  { service }: Pick<TestKit, 'service'>,
  clientAddress: string,
  body: object,
): Promise<ExchangeResponse> {
  return directExchange(service, { clientAddress })(post('/', body));
}

/** The code of a failure, or the status of a success. */
export function answerOf({ status, body }: ExchangeResponse): string {
  return status < 300 ? String(status) : JSON.parse(body).code;
}

/** Counts the answers. */
export function tally(responses: readonly ExchangeResponse[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of responses.map(answerOf)) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

/** A store with some of its verbs replaced. */
export function replaceVerbs(store: OtpStore, verbs: Partial<OtpStore>): OtpStore {
  return { ...recordCalls(store), ...verbs };
}

/** An array of `count` elements. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const UNREACHED = [{ max: 1_000_000, windowSeconds: 3600 }];

/** So little of it that one client network cannot use it up. */
const UNREACHED_SHARE = [{ max: 400_000, windowSeconds: 3600 }];

const UNLIMITED_FLOW = { recipient: UNREACHED, clientAddress: UNREACHED };

export const UNLIMITED = {
  standalone: { ...UNLIMITED_FLOW, recipientShare: UNREACHED_SHARE },
  stepUp: UNLIMITED_FLOW,
  numberPrefix: UNREACHED,
  numberPrefixShare: UNREACHED_SHARE,
  conversion: false,
} as const;

/** `UNLIMITED`, but for these limits of both flows. One client network may use up a recipient. */
export function limitBothFlows(limits: FlowLimitOptions): LimitOptions {
  const { recipient: recipientShare = UNREACHED_SHARE } = limits;
  return {
    ...UNLIMITED,
    standalone: { ...UNLIMITED.standalone, recipientShare, ...limits },
    stepUp: { ...UNLIMITED.stepUp, ...limits },
  };
}

export function email(value: string): object {
  return { identifier: { type: 'email_address', value } };
}

export function phone(value: string): object {
  return { identifier: { type: 'phone_number', value } };
}

/** The shortest of five runs, in milliseconds. */
export async function fastestMs(work: () => Promise<unknown>): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const started = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}

/** The unhandled rejections during some work and shortly after. */
export async function rejectionsDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const rejections: unknown[] = [];
  const listen = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', listen);
  try {
    await work();
    await sleep(20);
  } finally {
    process.off('unhandledRejection', listen);
  }
  return rejections;
}
