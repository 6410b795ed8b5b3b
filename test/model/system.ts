import {
  createMemoryStore,
  createOtpService,
  type ExpectedStepUp,
  type GuardVerdict,
  type OtpMessage,
  type OtpService,
  SendError,
  type Sender,
} from '@otp/core';
import { cookieOf, createTestClock, headerValues, post } from '@otp/testing';
import {
  challengeClaims,
  createTestIssuer,
  isRecorded,
  recordCalls,
  signCompact,
  toOtpRequest,
} from '@otp/testing/internal';
import { type Around, aroundMethods } from '../faults/around-calls.js';
import type { Challenge, Keys } from './book.js';
import { LIMITS_SECRET, secretsOf, signingKeysOf } from './key-pool.js';
import type { LimitNumbers, SenderEnd } from './rules.js';

/** A call of the store that fails, before or after its work; 0 is the first call of a command. */
export interface StoreFault {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** The behaviour of the ports during one command. */
export interface PortBehaviour {
  readonly sender: SenderEnd;
  readonly verdict: GuardVerdict;
  readonly fault: StoreFault | undefined;
  /** Whether several requests run at once, in an order that the scheduler picks. */
  readonly isRace: boolean;
}

export interface Answer {
  readonly answer: string;
  readonly attemptsLeft?: number;
  /** The cookie of a successful create. */
  readonly cookie?: string;
  /** The challenge token of a successful check. */
  readonly token?: string;
}

export interface Handed {
  readonly message: OtpMessage;
  readonly at: number;
  /** Whether there was a record for the message. */
  readonly isStored: boolean;
}

export interface SystemOptions {
  readonly limits: LimitNumbers;
  readonly hasGuard: boolean;
  /** Resolves when the scheduler picks this call. */
  readonly turn: (label: string) => Promise<unknown>;
  /** Runs the scheduler until the work is done. */
  readonly finish: <T>(work: Promise<T>) => Promise<T>;
  /** Lets that many milliseconds pass for time limits. */
  readonly passTime: (ms: number) => void;
}

const FAIR: PortBehaviour = {
  sender: 'works',
  verdict: 'allow',
  fault: undefined,
  isRace: false,
};
const ISSUER = createTestIssuer('https://issuer.example');
const SENDER_LIMIT_MS = 6_000;

/** The library as seen by its clients and its host, with ports that a test delays and fails. */
export class System {
  readonly clock = createTestClock();
  /** Every message that was passed to the sender, failed ones included. */
  readonly handed: Handed[] = [];
  readonly #options: SystemOptions;
  readonly #memory = recordCalls(createMemoryStore({ now: this.clock.now }));
  #behaviour = FAIR;
  #storeCalls = 0;
  #secrets: Keys;
  #signingKeys: Keys;
  #service: OtpService;

  constructor(options: SystemOptions, secrets: Keys, signingKeys: Keys) {
    this.#options = options;
    this.#secrets = secrets;
    this.#signingKeys = signingKeys;
    this.#service = this.#start();
  }

  /** Starts a new process on the same store. */
  restart(secrets: Keys, signingKeys: Keys): void {
    this.#secrets = secrets;
    this.#signingKeys = signingKeys;
    this.#service = this.#start();
  }

  /** Runs the work with that behaviour of the ports; returns whether a planned fault happened. */
  async during<T>(
    behaviour: PortBehaviour,
    work: () => Promise<T>,
  ): Promise<{ done: T; isFaulty: boolean }> {
    this.#behaviour = behaviour;
    this.#storeCalls = 0;
    const done = await (behaviour.isRace ? this.#options.finish(work()) : work());
    this.#behaviour = FAIR;
    // A new process, whose breakers are closed: the rules have no breakers.
    if (behaviour.sender !== 'works') this.#service = this.#start();
    return {
      done,
      isFaulty: behaviour.fault !== undefined && this.#storeCalls > behaviour.fault.call,
    };
  }

  create(body: object, clientAddress: string | undefined): Promise<Answer> {
    return this.#ask('/', body, undefined, clientAddress);
  }

  retry(cookie: string | undefined): Promise<Answer> {
    return this.#ask('/retry', {}, cookie);
  }

  check(cookie: string | undefined, body: object): Promise<Answer> {
    return this.#ask('/check', body, cookie);
  }

  /** For a session start where no step-up is expected. */
  async consume(token: string, expected: ExpectedStepUp | undefined): Promise<Answer> {
    try {
      const taken = await (expected === undefined
        ? this.#service.consumeSessionStart(token)
        : this.#service.consumeStepUp(token, { ...expected, iss: ISSUER.issuer }));
      return { answer: taken.ok ? 'taken' : taken.code };
    } catch {
      return { answer: 'internal' };
    }
  }

  issue(name: string, user: string, phone: string, lifeSeconds: number): Challenge {
    const claims = challengeClaims(ISSUER.issuer, this.clock.now());
    const exp = Number(claims.iat) + lifeSeconds;
    const identifier = { type: 'phone_number', value: phone };
    const payload = { ...claims, sub: user, exp, identifier };
    const text = signCompact({ alg: 'EdDSA', kid: ISSUER.kid }, payload, ISSUER.privateKey);
    return { name, text, user, recipient: phone, endsAt: exp * 1000 };
  }

  codeOf(id: string): string {
    const handed = this.handed.find(({ message }) => message.idempotencyKey === `${id}.1`);
    if (handed === undefined) throw new Error('a create was answered 204 and nothing was sent');
    return handed.message.code;
  }

  async #ask(path: string, body: object, cookie?: string, clientAddress?: string) {
    const request = { ...toOtpRequest(post(path, body, { cookie })), clientAddress };
    const response = await this.#service.handle(request);
    return toAnswer(path, { ...response, body: response.body ?? '' });
  }

  #start(): OtpService {
    const secrets = this.#secrets;
    const sender: Sender = { send: (message) => this.#send(message) };
    return createOtpService({
      appId: 'app',
      issuer: 'https://otp.example',
      keyring: { active: secrets.active, secrets: secretsOf(secrets), limits: LIMITS_SECRET },
      signingKeys: signingKeysOf(this.#signingKeys),
      store: aroundMethods('store', this.#memory, this.#aroundStore),
      channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
      challengeIssuers: [{ issuer: ISSUER.issuer, jwks: { keys: [ISSUER.jwk] } }],
      // The rules have no conversion guard.
      limits: { ...this.#options.limits, conversion: false },
      ...(this.#options.hasGuard && { guard: this.#guard }),
      now: this.clock.now,
    });
  }

  readonly #guard = async (): Promise<GuardVerdict> => {
    const { verdict, isRace } = this.#behaviour;
    if (isRace) await this.#options.turn('to the guard');
    return verdict;
  };

  readonly #aroundStore: Around = async (call, run) => {
    const { fault, isRace } = this.#behaviour;
    const fails = this.#storeCalls === fault?.call ? fault.when : undefined;
    this.#storeCalls += 1;
    if (isRace) await this.#options.turn(`to ${call}`);
    if (fails === 'before') throw new Error('the store fails before its work');
    const result = await run();
    if (isRace) await this.#options.turn(`from ${call}`);
    if (fails === 'after') throw new Error('the store fails after its work');
    return result;
  };

  #send(message: OtpMessage): Promise<undefined> {
    const { sender, isRace } = this.#behaviour;
    const isStored = isRecorded(this.#memory, message);
    this.handed.push({ message, at: this.clock.now(), isStored });
    if (sender === 'throws') throw new Error('the sender throws');
    if (sender === 'hangs') {
      queueMicrotask(() => this.#options.passTime(SENDER_LIMIT_MS));
      return new Promise(() => {});
    }
    return this.#settle(sender, isRace);
  }

  async #settle(
    sender: Exclude<SenderEnd, 'throws' | 'hangs'>,
    isRace: boolean,
  ): Promise<undefined> {
    if (isRace) await this.#options.turn('from the sender');
    if (sender !== 'works') throw new SendError(sender, 'the sender fails');
    return undefined;
  }
}

function toAnswer(path: string, response: Parameters<typeof cookieOf>[0]): Answer {
  const { status, body } = response;
  if (status >= 300) {
    const { code, attempts_left: attemptsLeft } = JSON.parse(body);
    const sets = headerValues(response, 'set-cookie');
    if (path === '/' && sets.length > 0) throw new Error(`a create sets a cookie with ${code}`);
    return attemptsLeft === undefined ? { answer: code } : { answer: code, attemptsLeft };
  }
  if (path === '/') return { answer: String(status), cookie: cookieOf(response) };
  return path === '/check'
    ? { answer: String(status), token: JSON.parse(body).challenge_token }
    : { answer: String(status) };
}
