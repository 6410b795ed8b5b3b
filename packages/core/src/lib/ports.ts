/** How a code travels. `sms` and `whatsapp` reach a phone number, `email` an address. */
export type Channel = (typeof CHANNELS)[number];

export const CHANNELS = ['sms', 'whatsapp', 'email'] as const;

export function isChannel(value: unknown): value is Channel {
  return CHANNELS.some((channel) => channel === value);
}

/** A recipient: a phone number in E.164 form or an e-mail address. */
export interface Identifier {
  readonly type: 'phone_number' | 'email_address';
  readonly value: string;
}

/** `standalone`: a person proves that a recipient is theirs. `step-up`: a signed-in user proves it again. */
export type Flow = 'standalone' | 'step-up';

// --- Store -------------------------------------------------------------------------------------

/** A fixed window. It opens with its first event. */
export interface Window {
  /** Events that are admitted while it is open. */
  readonly max: number;
  /** Its length. */
  readonly windowSeconds: number;
}

/** Limits how often something may happen. An event needs room in every window and counts in each. */
export interface Limit {
  /** Opaque, unique for what is counted, without a recipient or an address in clear. */
  readonly key: string;
  /** Its name in events and refusals. */
  readonly name: LimitName;
  /** At least one. A key always has the same number of windows in the same order; each opens and ends by itself. */
  readonly windows: readonly Window[];
  /** Shortest time after the 1st, 2nd, … event of the first window; the last gap applies to all later events. */
  readonly gapsSeconds?: readonly number[];
  /** 0 only checks that there is room. @default 1 */
  readonly cost?: 0 | 1;
}

/** docs/reference/events.md is written from the comments: what was exceeded. */
export type LimitName =
  /** `limits.recipient`, or a create earlier than `retryIntervalSeconds` allows. */
  | 'recipient'
  /** `limits.clientAddress`. */
  | 'client_address'
  /** `limits.clientNetwork`. */
  | 'client_network'
  /** `limits.numberPrefix`. */
  | 'number_prefix'
  /** The conversion guard has blocked the number prefix or the country. */
  | 'conversion'
  /** `limits.app`. */
  | 'app'
  /** 5 creates, or 5 wrong codes, with one challenge token. */
  | 'challenge'
  /** Not in events: the token was used. Create returns `invalid_challenge_token`, check `token_reused`. */
  | 'token_used'
  /** `limits.userFailures`. */
  | 'user'
  /** `limits.consecutiveFailures`. */
  | 'consecutive_failures'
  /** 5 messages of one verification, or 20 attempts including those that failed. */
  | 'sends'
  /** A retry earlier than `retryIntervalSeconds` allows. */
  | 'interval';

export interface Refused {
  readonly ok: false;
  readonly limit: LimitName;
  /** Seconds, at least 1, until every window of that limit has room and its gap has passed. */
  readonly retryAfterSeconds: number;
}

/**
 * Counts the messages of a group, such as the numbers with one prefix, and the verifications that followed them.
 * Times are in seconds since the epoch by the clock of the caller.
 */
export interface Tally {
  /** Opaque like the key of a limit; `reset` forgets it too. */
  readonly key: string;
  /** When the verification was opened whose message or success is counted. */
  readonly at: number;
  readonly sent: 0 | 1;
  readonly verified: 0 | 1;
  /** Messages that are newer than this are not judged yet. */
  readonly until: number;
  /** The number of messages that is enough for a judgement. */
  readonly enough: number;
}

/** The counts of the messages that are judged. */
export interface Tallied {
  readonly sent: number;
  readonly verified: number;
}

/** The record that `open` writes. It lives `ttlSeconds` by the clock of the store. */
export interface NewRecord {
  /** A SHA-256 of the token in the cookie, so that a cookie cannot be made from the store. */
  readonly id: string;
  /** The encrypted code, recipient and other private data; opaque to the store and never rewritten. */
  readonly sealed: string;
  /** The name of the challenge that the verification belongs to; null in the standalone flow. */
  readonly binding: string | null;
  readonly ttlSeconds: number;
  readonly maxTries: number;
  readonly maxSends: number;
  /** Shortest time after the 1st, 2nd, … send; the last gap applies to all later sends. */
  readonly gapsSeconds: readonly number[];
}

export interface OpenRecord {
  readonly sealed: string;
  /** Milliseconds until it expires, by the clock of the store; above 0. */
  readonly remainingMs: number;
  /** The channel that `recordChannel` noted last. */
  readonly channel?: Channel;
}

/**
 * Where verifications and counters are kept. Every method is atomic for the one item that it names: of two requests
 * that race, one wins. `op` is random for each logical call, so that a driver that repeats a call after a lost reply
 * gets the first result again. A method that cannot do its work rejects.
 */
export interface OtpStore {
  /**
   * Charges every limit and writes the record. The same id twice counts once.
   *
   * @returns the first limit of the array that has no room. Then the record does not exist and no limit is charged; only
   *   a crash in between may leave a limit charged, and never a record without its limits.
   */
  open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused>;
  /**
   * Counts a guess in one step, if the record is live, has the same binding and has guesses left.
   *
   * @returns `gone`: unknown, expired, claimed or out of guesses; `mismatch`: live but with another binding, and no guess
   *   is counted
   */
  reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation>;
  /**
   * Counts a send in one step, if the record is live, has guesses left, and interval and number of sends allow it. Then
   * charges the limits, and undoes everything if one of them refuses.
   *
   * @returns the number of the send, which is never used again; beyond the number of sends a refusal until the record
   *   expires
   */
  reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation>;
  /**
   * Undoes `open` (`send` 1: deletes the record) or the `reserveSend` that returned `send`, and refunds the limits, after
   * a send that has definitely failed. Repeated calls undo once; nothing happens if a later send has been reserved.
   */
  cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void>;
  /** Records the channel that was really used, if it is not the planned one. */
  recordChannel(id: string, send: number, channel: Channel): Promise<void>;
  /**
   * Ends a live verification, also one without guesses left.
   *
   * @returns true for exactly one `op`, each time that it asks
   */
  claim(id: string, op: string): Promise<boolean>;
  /**
   * Charges all limits, or none if one has no room. A repeated `op` is recognised as long as no other call has charged
   * the same limits, and always for a limit with a maximum of 1: that is how a token is used up by exactly one `op`.
   *
   * @returns the first limit of the array that has no room
   */
  charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused>;
  /** Takes one event out of each window of each limit, never below none. A window that has ended stays ended. */
  refund(limits: readonly Limit[]): Promise<void>;
  /**
   * Records the event. A success counts where its message is known, and never more successes than messages. Messages older
   * than those returned, and older than a day, are forgotten.
   *
   * @returns for each tally, sent and verified over the newest messages up to its `until`, in whole seconds of them, until
   *   there are `enough`
   */
  tally(tallies: readonly Tally[]): Promise<readonly Tallied[]>;
  /** Forgets everything that was counted under these keys. */
  reset(keys: readonly string[]): Promise<void>;
  /** Resolves if the store can be reached. */
  ping(): Promise<void>;
  /** Closes what the store itself has opened, and nothing that it was given. */
  close(): Promise<void>;
}

/** Calls the store within the time that one request has for all its store work. */
export type UseStore = <T>(work: (store: OtpStore) => Promise<T>) => Promise<T>;

export type CheckReservation =
  | { readonly ok: true; readonly record: OpenRecord; readonly triesLeft: number }
  | { readonly ok: false; readonly why: 'gone' | 'mismatch' };

export type SendReservation =
  | { readonly ok: true; readonly record: OpenRecord; readonly send: number }
  | { readonly ok: false; readonly why: 'gone' }
  | Refused;

// --- Sender ------------------------------------------------------------------------------------

export interface MessageContent {
  readonly text: string;
  /** The same as HTML, for e-mail. */
  readonly html?: string;
  /** For channels that have one. Never holds the code: it shows on lock screens. */
  readonly subject?: string;
}

/** The message that a sender is to deliver. */
export interface OtpMessage {
  readonly channel: Channel;
  /** An E.164 number or a lower-case address. */
  readonly to: string;
  readonly code: string;
  readonly content: MessageContent;
  /** BCP 47. */
  readonly locale: string;
  readonly expiresAt: Date;
  /**
   * The same for every attempt of one send through one channel, also by the next sender; another one for the next send and
   * for another channel.
   */
  readonly idempotencyKey: string;
  /** 1 for the first message of a verification, a higher number of its own for each retry. */
  readonly send: number;
  /** The `dispatch_id` of the request, as the client sent it. */
  readonly dispatchId?: string;
  /** Aborted when the time limit of this attempt has passed. */
  readonly signal: AbortSignal;
}

/**
 * Delivers messages. `send` resolves once the provider has accepted the message, with the channel if that was another
 * one than requested. It rejects with a `SendError` whose kind says whether the recipient or the provider is the cause;
 * any other error counts as `unavailable`.
 */
export interface Sender {
  // biome-ignore lint/suspicious/noConfusingVoidType: most senders return nothing.
  send(message: OtpMessage): Promise<void | { readonly channel?: Channel }>;
}

/**
 * `rejected`: this recipient will never work. `unavailable`: the provider has definitely not accepted the message.
 * `unknown`: it may have, because the time ran out or the connection was cut after the request had gone out.
 */
export type SendFailure = (typeof SEND_FAILURES)[number];
const SEND_FAILURES = ['rejected', 'unavailable', 'unknown'] as const;

export interface SendErrorOptions extends ErrorOptions {
  /**
   * False if the provider is up and only this message is not for it, for example one to a country that it does not serve.
   * The next sender is tried, and the breaker does not count the failure: otherwise clients who ask for such messages
   * could switch the sender off for everybody. @default true
   */
  readonly countsForBreaker?: boolean;
}

/** The error with which `send` rejects. Its kind says whether another sender may be tried. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly kind: SendFailure;
  /** Whether the failure suggests that the provider is down; always false for `rejected`. */
  readonly countsForBreaker: boolean;

  constructor(kind: SendFailure, message: string, options: SendErrorOptions = {}) {
    const { countsForBreaker = true, ...rest } = options;
    super(message, rest);
    if (!SEND_FAILURES.includes(kind)) {
      throw new TypeError(`The kind of a SendError must be one of: ${SEND_FAILURES.join(', ')}.`);
    }
    this.kind = kind;
    this.countsForBreaker = countsForBreaker && kind !== 'rejected';
  }
}

// --- Guard -------------------------------------------------------------------------------------

/** What the policy of the host decides by, before anything is stored or sent. */
export interface GuardInput {
  readonly flow: Flow;
  /** In canonical form. */
  readonly identifier: Identifier;
  /** ISO 3166-1 alpha-2; only for phone numbers. */
  readonly country?: string;
  readonly clientAddress?: string;
  readonly dispatchId?: string;
  /** Every value of a request header; the name in lower case. */
  readonly header: (name: string) => readonly string[];
}

export type Guard = (input: GuardInput) => GuardVerdict | Promise<GuardVerdict>;
export type GuardVerdict = 'allow' | 'block';

/** The source of random bytes and integers: `node:crypto`, unless a test replaces it. */
export interface Randomness {
  bytes(size: number): Buffer;
  /** A uniformly distributed integer from 0 to `below` - 1. */
  int(below: number): number;
}
