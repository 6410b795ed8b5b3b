import {
  createMemoryStore,
  createOtpService,
  generateKeys,
  type OtpEvent,
  type OtpMessage,
  type OtpService,
  type OtpServiceOptions,
  type Sender,
} from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import {
  challengeClaims,
  createTestIssuer,
  type Json,
  signCompact,
  type TestIssuer,
} from './challenge-tokens.js';
import { type RecordingStore, recordCalls } from './recording-store.js';

/** Time that only a test moves. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  advance(seconds: number): void;
}

const START_MS = Date.UTC(2030, 0, 1);

export function createTestClock(startMs = START_MS): TestClock {
  let now = startMs;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}

/** Takes messages in, or fails as told. */
export interface TestSender extends Sender {
  /** Every message that was accepted, in order. */
  readonly messages: readonly OtpMessage[];
  /** How often it was asked. */
  readonly attempts: number;
  /** Makes every send reject until told otherwise. */
  fail(error: unknown): void;
}

export function createTestSender(): TestSender {
  const messages: OtpMessage[] = [];
  let attempts = 0;
  let failure: unknown;
  return {
    messages,
    get attempts() {
      return attempts;
    },
    fail(error) {
      failure = error;
    },
    async send(message) {
      attempts += 1;
      if (failure !== undefined) throw failure;
      messages.push(message);
      return undefined;
    },
  };
}

export interface TestService {
  readonly service: OtpService;
  readonly clock: TestClock;
  readonly sender: TestSender;
  readonly store: RecordingStore;
  /** All but the warning that most services of tests have set no budget. */
  readonly events: readonly OtpEvent[];
  /** Whose challenge tokens the service takes besides its own. */
  readonly issuer: TestIssuer;
  /** The code of the message that was sent last. */
  code(): string;
  /** Another code of the same length. */
  wrongCode(): string;
  /** A challenge token of `issuer`, its claims replaced as told; undefined leaves one out. */
  challenge(claims?: Json, header?: Json): string;
}

/** The options that a test may want otherwise; `store` is what the recording store passes on to. */
export type TestServiceOptions = Partial<OtpServiceOptions> & {
  readonly store?: OtpStore;
  readonly testClock?: TestClock;
  readonly testSender?: TestSender;
  readonly testIssuer?: TestIssuer;
};

const TEST_ISSUER = 'https://issuer.example';

/** A service over a memory store, a sender that takes messages in, and time that only the test moves. */
export function createTestService(options: TestServiceOptions = {}): TestService {
  const {
    testClock: clock = createTestClock(),
    testSender: sender = createTestSender(),
    testIssuer: issuer = createTestIssuer(TEST_ISSUER),
    ...overrides
  } = options;
  const store = recordCalls(overrides.store ?? createMemoryStore({ now: clock.now }));
  const events: OtpEvent[] = [];
  const service = createOtpService({
    appId: 'app',
    issuer: 'https://otp.example',
    ...generateKeys(),
    channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
    challengeIssuers: [{ issuer: issuer.issuer, jwks: { keys: [issuer.jwk] } }],
    onEvent: (event) => isNoBudget(event) || events.push(event),
    now: clock.now,
    ...overrides,
    store,
  });
  const code = () => {
    const message = sender.messages.at(-1);
    if (message === undefined) throw new Error('no message was sent');
    return message.code;
  };
  return {
    service,
    clock,
    sender,
    store,
    events,
    issuer,
    code,
    wrongCode: () => otherCode(code()),
    challenge: (claims = {}, header = {}) =>
      signCompact(
        { alg: 'EdDSA', typ: 'JWT', kid: issuer.kid, ...header },
        { ...challengeClaims(issuer.issuer, clock.now()), ...claims },
        issuer.privateKey,
      ),
  };
}

/** A code that is as long and not the same. */
function otherCode(code: string): string {
  return String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
}

function isNoBudget(event: OtpEvent): boolean {
  return event.type === 'warning' && event.warning === 'no_app_budget';
}
