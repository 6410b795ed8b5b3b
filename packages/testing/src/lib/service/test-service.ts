import {
  createMemoryStore,
  createOtpService,
  generateKeys,
  type OtpEvent,
  type OtpService,
  type OtpServiceOptions,
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
import { createTestClock, type TestClock } from './test-clock.js';
import { createTestSender, type TestSender } from './test-sender.js';

/** A service for tests, with everything around it in the hands of the test. */
export interface TestService {
  /** The service, to mount in your app or to pass to the function under test. */
  readonly service: OtpService;
  /** The time of the service and of its memory store. */
  readonly clock: TestClock;
  /** The inbox of SMS and e-mail. */
  readonly sender: TestSender;
  /** The store, which records its calls and can be made to fail. */
  readonly store: RecordingStore;
  /** The events of the service, in order, without the warning that there is no limit for the whole app. */
  readonly events: readonly OtpEvent[];
  /** The issuer whose challenge tokens the service trusts. */
  readonly issuer: TestIssuer;
  /**
   * Returns the code of the newest message.
   *
   * @param to only messages to this recipient; to anybody by default
   * @throws Error if there is no such message
   */
  code(to?: string): string;
  /** Returns a code of the same length that differs from the newest one. */
  wrongCode(): string;
  /**
   * Issues a step-up challenge token of `issuer`, for `user-1` in `session-1`, to be verified by SMS to +33612345678.
   *
   * @param claims claims that differ; `undefined` leaves one out
   * @param header members of the header that differ
   */
  challenge(claims?: Json, header?: Json): string;
  /**
   * Goes through create and check, as a client does.
   *
   * @param body of the create: `{ identifier }`, or `{ challenge_token }` for a step-up
   * @returns the completed challenge token, for your endpoint to redeem
   * @throws Error with the refusal
   */
  verify(
    body: { readonly identifier: Json } | { readonly challenge_token: string },
  ): Promise<string>;
}

/** Options of the service that differ from those of a test, and the parts around it. */
export interface TestServiceOptions extends Partial<OtpServiceOptions> {
  /** The store that the recording store passes calls on to. @default a memory store */
  readonly store?: OtpStore;
  /** A clock that several services share. @default a clock of its own */
  readonly testClock?: TestClock;
  /** An inbox that several services share. @default an inbox of its own */
  readonly testSender?: TestSender;
  /** @default an issuer of its own, `https://issuer.example` */
  readonly testIssuer?: TestIssuer;
}

const TEST_ISSUER = 'https://issuer.example';

/**
 * Creates a service with a memory store, an inbox for SMS and e-mail, and a clock that only the test moves.
 *
 * @param options options of `createOtpService` that differ, for instance `appId` or `limits`
 * @returns the service with its parts, and functions that a test calls, such as `code`
 * @throws TypeError for an option that `createOtpService` refuses
 * @example
 * const { service, code } = createTestService({ appId: 'shop' });
 * const app = createApp(service); // your app
 */
export function createTestService(options: TestServiceOptions = {}): TestService {
  const {
    testClock: clock = createTestClock(),
    testSender: sender = createTestSender(),
    testIssuer: issuer = createTestIssuer(TEST_ISSUER),
    onEvent,
    ...overrides
  } = options;
  const store = recordCalls(overrides.store ?? createMemoryStore({ now: clock.now }));
  const events: OtpEvent[] = [];
  const service = createOtpService({
    appId: 'app',
    issuer: 'https://otp.example',
    ...(overrides.secret === undefined ? generateKeys() : {}),
    channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
    challengeIssuers: [{ issuer: issuer.issuer, jwks: { keys: [issuer.jwk] } }],
    onEvent: (event) => {
      if (!isMissingBudget(event)) events.push(event);
      return onEvent?.(event);
    },
    now: clock.now,
    ...overrides,
    store,
  });
  const code = (to?: string) => {
    const message = sender.messages.findLast((each) => to === undefined || each.to === to);
    if (message === undefined) throw new Error('There is no message yet.');
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
        { ...challengeClaims(issuer.issuer, clock.now()), aud: service.appId, ...claims },
        issuer.privateKey,
      ),
    async verify(body) {
      const client = { address: '203.0.113.7' };
      const created = await service.create(body, client);
      if (!created.ok) throw refusal('create', created);
      const token = 'challenge_token' in body ? { challenge_token: body.challenge_token } : {};
      const checked = await service.check(created.handle, { code: code(), ...token }, client);
      if (!checked.ok) throw refusal('check', checked);
      return checked.challengeToken;
    },
  };
}

function refusal(operation: string, failure: { readonly ok: false }): Error {
  return new Error(`${operation} was refused: ${JSON.stringify(failure)}`);
}

function otherCode(code: string): string {
  return String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
}

function isMissingBudget(event: OtpEvent): boolean {
  return event.type === 'warning' && event.warning === 'no_app_budget';
}
