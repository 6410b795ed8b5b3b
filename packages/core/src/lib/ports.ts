/** How a code travels. `sms` and `whatsapp` reach a phone number, `email` an address. */
export type Channel = (typeof CHANNELS)[number];

export const CHANNELS = ['sms', 'whatsapp', 'email'] as const;

export function isChannel(value: unknown): value is Channel {
  return CHANNELS.some((channel) => channel === value);
}

/** The wire contract's recipient: an E.164 phone number or an e-mail address. */
export interface Identifier {
  readonly type: 'phone_number' | 'email_address';
  readonly value: string;
}

/** `standalone`: somebody proves that a recipient is theirs. `step-up`: a signed-in user does so again. */
export type Flow = 'standalone' | 'step-up';

// --- Store -------------------------------------------------------------------------------------

/** A fixed window, which opens with its first event. */
export interface Window {
  /** Events admitted while it is open. */
  readonly max: number;
  readonly windowSeconds: number;
}

/** What may happen how often: an event needs room in every window, and counts in each. */
export interface Limit {
  /** Opaque and unique for what is counted; holds no recipient or address in clear. */
  readonly key: string;
  /** What an event or a refusal calls it. */
  readonly name: LimitName;
  /** One at least; for one key always as many, in the same order. Each opens and ends by itself. */
  readonly windows: readonly Window[];
  /** Least time after the 1st, 2nd, … event of the first window; the last one holds for all that follow. */
  readonly gapsSeconds?: readonly number[];
  /** 0 asks whether there is room without taking any. @default 1 */
  readonly cost?: 0 | 1;
}

export type LimitName =
  | 'recipient'
  | 'client_address'
  | 'client_network'
  | 'number_prefix'
  | 'conversion'
  | 'app'
  | 'challenge'
  | 'token_used'
  | 'user'
  | 'consecutive_failures'
  | 'sends'
  | 'interval';

export interface Refused {
  readonly ok: false;
  readonly limit: LimitName;
  /** Until that limit has room: every window of it, and the gap. */
  readonly retryAfterSeconds: number;
}

/**
 * Messages that have something in common, for instance the prefix of their numbers, and the successes that
 * followed them: how many of them paid off. Times are the caller's own, in whole seconds.
 */
export interface Tally {
  /** As opaque as that of a limit, and forgotten by `reset` like one. */
  readonly key: string;
  /** When the message was opened that is counted, or that a success has followed. */
  readonly at: number;
  readonly sent: 0 | 1;
  readonly verified: 0 | 1;
  /** Messages after this are too young to be judged. */
  readonly until: number;
  /** So many messages are enough to judge by. */
  readonly enough: number;
}

/** What there is to judge by. */
export interface Tallied {
  readonly sent: number;
  readonly verified: number;
}

/** What `open` writes. The record lives `ttlSeconds` by the store's own clock. */
export interface NewRecord {
  /** SHA-256 of the cookie's token: the store cannot produce a cookie. */
  readonly id: string;
  /** Code, recipient and the rest of what is private; opaque to the store, never rewritten. */
  readonly sealed: string;
  /** The challenge that the verification belongs to; null in the standalone flow. */
  readonly binding: string | null;
  readonly ttlSeconds: number;
  readonly maxTries: number;
  readonly maxSends: number;
  /** Least time after the 1st, 2nd, … send; the last one holds for all that follow. */
  readonly gapsSeconds: readonly number[];
}

export interface OpenRecord {
  readonly sealed: string;
  /** What is left of the life, in milliseconds by the store's clock; above 0. */
  readonly remainingMs: number;
  /** The channel that `recordChannel` noted last. */
  readonly channel?: Channel;
}

/**
 * The only part that remembers. Every verb is atomic for the one item that it names, so that of two
 * requests that race one wins. `op` is random for each logical call: a driver that repeats a call after
 * a lost reply gets the first answer again. A verb that cannot do its work rejects; it never guesses.
 */
export interface OtpStore {
  /**
   * Charges every limit and writes the record. Refused, by the first limit in the list that has no room:
   * the record does not exist, and what was charged is undone (a crash in between may leave a limit
   * charged, never a record unlimited). The same id twice is once.
   */
  open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused>;
  /**
   * Live, same binding, tries left: counts one try, in one step. `gone`: unknown, expired, claimed or
   * out of tries. `mismatch`: live, but of another binding; no try is counted.
   */
  reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation>;
  /**
   * Counts one send of a live verification with tries left when interval and number allow it, in one
   * step, then charges the limits; undone when one refuses. Answers the send's own number, which is
   * never used again. Over the number of sends it is refused until the end of the record's life.
   */
  reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation>;
  /**
   * Undoes `open` (`send` 1: the record goes) or the `reserveSend` that answered `send`, after a send
   * that has definitely failed, and gives back `refunds`. Once, however often it is called; nothing
   * happens when a later send was reserved since.
   */
  cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void>;
  /** Notes the channel that was really used, when it is not the planned one. */
  recordChannel(id: string, send: number, channel: Channel): Promise<void>;
  /**
   * Ends a live verification, also one without tries left. Exactly one `op` is ever told true; that one
   * is told true again.
   */
  claim(id: string, op: string): Promise<boolean>;
  /**
   * Charges all limits or, when one has no room, none; a refusal names the first such in the list. A
   * repeat is known while no other call has charged the same limits since; of a limit of 1, always:
   * that is how a token is used up, by exactly one `op`.
   */
  charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused>;
  /** Gives back one event of each limit in each of its windows, never below none; an ended window stays ended. */
  refund(limits: readonly Limit[]): Promise<void>;
  /**
   * Counts, then answers for each the newest messages up to its `until`, whole seconds of them, that make
   * `enough`, or all that there are. What is older than these is forgotten, and what is older than a day. A
   * success counts where its message is known, and no more of them than messages.
   */
  tally(tallies: readonly Tally[]): Promise<readonly Tallied[]>;
  /** Forgets what was counted under these keys. */
  reset(keys: readonly string[]): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Ends what the store itself has opened. */
  close(): Promise<void>;
}

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

/** What a sender is asked to deliver. */
export interface OtpMessage {
  readonly channel: Channel;
  /** Canonical: an E.164 number or a lower-case address. */
  readonly to: string;
  readonly code: string;
  readonly content: MessageContent;
  /** BCP 47. */
  readonly locale: string;
  readonly expiresAt: Date;
  /**
   * The same for a repeat of the same send, also by the next sender of a route; another for the next
   * send, and for the same one through another channel.
   */
  readonly idempotencyKey: string;
  /** 1 for the first message of a verification; above that for retries, each with its own number. */
  readonly send: number;
  /** What the client's request called itself, unread. */
  readonly dispatchId?: string;
  /** Aborted when the time limit has passed. */
  readonly signal: AbortSignal;
}

/**
 * Delivers a message. Resolves once the provider has accepted it, with the channel when that was
 * another than the one asked for. Rejects with a `SendError` that says whether the recipient or the
 * provider is to blame; any other error counts as `unavailable`.
 */
export interface Sender {
  // biome-ignore lint/suspicious/noConfusingVoidType: a sender that answers nothing is the usual one.
  send(message: OtpMessage): Promise<void | { readonly channel?: Channel }>;
}

/**
 * `rejected`: this recipient will never work. `unavailable`: the provider has definitely not taken the
 * message. `unknown`: it may have (a time-out or a cut after the request went out).
 */
export type SendFailure = (typeof SEND_FAILURES)[number];
const SEND_FAILURES = ['rejected', 'unavailable', 'unknown'] as const;

export interface SendErrorOptions extends ErrorOptions {
  /**
   * False when the provider is well and only this message is not for it, like one to a country that it
   * does not serve: the next sender is asked all the same, and the breaker takes no notice. Otherwise
   * whoever asks for such messages would shut the sender off for everybody. @default true
   */
  readonly countsForBreaker?: boolean;
}

export class SendError extends Error {
  override readonly name = 'SendError';
  readonly kind: SendFailure;
  /** Whether the failure is a sign that the provider is down; never so when it is `rejected`. */
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

/** What the host's own policy gets to see before anything is stored or sent. */
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

/** Where random bytes and numbers come from; `node:crypto` unless a test says otherwise. */
export interface Randomness {
  bytes(size: number): Buffer;
  /** An integer from 0 to `below` - 1, each as likely. */
  int(below: number): number;
}
