/** How a code travels. `sms` and `whatsapp` reach a phone number, `email` an address. */
export type Channel = (typeof CHANNELS)[number];

export const CHANNELS = ['sms', 'whatsapp', 'email'] as const;

/**
 * Decides whether a value is a channel, for what a store has kept.
 *
 * @param value any value
 * @returns whether it is `sms`, `whatsapp` or `email`
 */
export function isChannel(value: unknown): value is Channel {
  return CHANNELS.some((channel) => channel === value);
}

/** The type of recipient that a channel reaches. */
export function recipientType(channel: Channel): Identifier['type'] {
  return channel === 'email' ? 'email_address' : 'phone_number';
}

/** A recipient: a phone number in E.164 form or an e-mail address. */
export interface Identifier {
  readonly type: 'phone_number' | 'email_address';
  readonly value: string;
}

/** `standalone`: a person proves that a recipient is theirs. `step-up`: a signed-in user proves it again. */
export type Flow = (typeof FLOWS)[number];

export const FLOWS = ['standalone', 'step-up'] as const;

// --- Store -------------------------------------------------------------------------------------

/** A fixed window. It opens with its first event. */
export interface Window {
  /** Events that are admitted while it is open. */
  readonly max: number;
  /** Its length. */
  readonly windowSeconds: number;
}

/**
 * Limits how often something may happen. An event needs room in every window and counts in each.
 *
 * Limits with one key lie together: a call charges all of them or none in one step, without an undo that others could
 * see, and `reset` forgets all of them.
 */
export interface Limit {
  /** Opaque, unique for what is counted, without a recipient or an address in clear. */
  readonly key: string;
  /** Separates counters under one key, such as the shares of client networks in the budget of a recipient. Opaque. */
  readonly share?: string;
  /** Its name in events and refusals. */
  readonly name: LimitName;
  /** At least one. A counter always has the same number of windows in the same order; each opens and ends by itself. */
  readonly windows: readonly Window[];
  /**
   * Shortest time after the 1st, 2nd, … event of the first window; the last gap applies to all later events. A gap ends
   * with the first window at the latest. Events that a success has given back still count here.
   */
  readonly gapsSeconds?: readonly number[];
  /** 0 only checks that there is room. @default 1 */
  readonly cost?: 0 | 1;
}

/** Names a counter. */
export type CounterName = Pick<Limit, 'key' | 'share'>;

/** docs/reference/events.md is written from the comments: what was exceeded. */
export type LimitName =
  /** `recipient` of `limits.standalone` or `limits.stepUp`, or a create earlier than `retryIntervalSeconds` allows. */
  | 'recipient'
  /** `limits.standalone.recipientShare`, or a create earlier than `retryIntervalSeconds` allows. */
  | 'recipient_share'
  /** `limits.standalone.clientAddress` or `limits.stepUp.clientAddress`. */
  | 'client_address'
  /** `limits.standalone.clientNetwork` or `limits.stepUp.clientNetwork`. */
  | 'client_network'
  /** `limits.numberPrefix`. */
  | 'number_prefix'
  /** `limits.numberPrefixShare`. */
  | 'number_prefix_share'
  /** The conversion guard has blocked the number prefix or the country. */
  | 'conversion'
  /** `limits.app`, or `app` of one flow. */
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

/** The refusal of a limit that has no room. */
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
  readonly maxGuesses: number;
  /** Gives the record fewer guesses if a limit has counted many events. */
  readonly fewerGuesses?: FewerGuesses;
  readonly maxSends: number;
  /** Shortest time after the 1st, 2nd, … send; the last gap applies to all later sends. */
  readonly gapsSeconds: readonly number[];
}

/** If the first window of `key` is open and has counted `from` events or more, the record has `maxGuesses`. */
export interface FewerGuesses {
  /** The key of a limit without shares. */
  readonly key: string;
  readonly from: number;
  readonly maxGuesses: number;
}

/** A live verification, as far as a store reads it. */
export interface OpenRecord {
  readonly sealed: string;
  /** The channel that `recordSend` noted last. */
  readonly channel?: Channel;
}

/** What is left of a live verification. */
export interface RecordStatus extends OpenRecord {
  /** Above 0. */
  readonly guessesLeft: number;
  readonly sendsLeft: number;
  /** Milliseconds until the gap after the last send has passed; 0 if it has. */
  readonly nextSendMs: number;
}

/** A guess to count. */
export interface Guess {
  /** What `binding` of the record must be. */
  readonly binding: string | null;
  /** A limit with a maximum of 1. It refuses, uncharged, if another verification has used it up in `complete`. */
  readonly token?: Limit;
  /** Charged if the record has a guess left. */
  readonly limits: readonly Limit[];
  readonly op: string;
}

/** What the success of a verification changes. */
export interface Completion {
  readonly op: string;
  /** A limit with a maximum of 1, which this verification uses up. */
  readonly token?: Limit;
  /** The limits of the guess: one event is given back from each window. */
  readonly guess: readonly Limit[];
  /**
   * The limits of the create: one event is given back from each window that opened no later than the verification, and
   * by one limit at most `GIVE_BACKS_PER_DAY` times in 24 hours. Gaps stay as they are.
   */
  readonly create: readonly Limit[];
  /** Counters that are forgotten: those of one share, or without a share; others of the same key stay. */
  readonly reset: readonly CounterName[];
  /** Groups in which a success counts where its message is known, and never more successes than messages. */
  readonly tallies: readonly Tally[];
}

/** How often the successes of 24 hours give back an event to one limit. */
export const GIVE_BACKS_PER_DAY = 10;

/**
 * Where verifications and counters are kept. Every method is atomic for the items that it names, as far as they lie
 * together: of two requests that race, one wins. `op` is random for each logical call, so that a driver that repeats a
 * call after a lost reply gets the first result again. A method that cannot do its work rejects.
 *
 * A window that has ended stays ended: nothing is given back to it. A call that a limit refuses leaves no limit charged
 * and no entry behind; only a crash in between may leave a limit charged.
 */
export interface OtpStore {
  /**
   * Charges every limit and writes the record, or neither. The same id twice counts once.
   *
   * @param record the new verification
   * @param limits all of them, or none, are charged
   * @param tallies read, not counted: `recordSend` counts the message
   * @returns for each tally, sent and verified over the newest messages up to its `until`, in whole seconds of them, until
   *   there are `enough`; or the first limit of the array that has no room
   */
  open(
    record: NewRecord,
    limits: readonly Limit[],
    tallies: readonly Tally[],
  ): Promise<Opened | Refused>;
  /**
   * Reads a record. Counts nothing.
   *
   * @param id of the record
   * @returns what is left of it; undefined unless it is live and has guesses left
   */
  read(id: string): Promise<RecordStatus | undefined>;
  /**
   * Counts a send in one step, if the record is live, has guesses left, and interval and number of sends allow it. Then
   * charges the limits, and undoes everything if one of them refuses.
   *
   * @param id of the record
   * @param limits charged beside the number of sends and the interval
   * @param op of this call
   * @returns the number of the send, which is never used again; beyond the number of sends a refusal until the record
   *   expires
   */
  reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation>;
  /**
   * Records a send that went out: the channel that was used, if it is not the planned one, and the message in its groups.
   * The channel is ignored if a later send has been reserved. Messages older than a day are forgotten, and those older
   * than `enough` newer ones.
   *
   * @param id of the record, which may have ended
   * @param send its number: 1 for that of `open`, otherwise as `reserveSend` returned it
   * @param sent the channel and the groups
   */
  recordSend(id: string, send: number, sent: SentMessage): Promise<void>;
  /**
   * Undoes `open` (`send` 1: deletes the record) or the `reserveSend` that returned `send`, and gives back one event of
   * each window of the limits, with the gap after it, after a send that has definitely failed. Repeated calls undo once;
   * nothing happens if a later send has been reserved.
   *
   * @param id of the record
   * @param send its number
   * @param refunds limits that give back an event
   */
  cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void>;
  /**
   * Counts a guess in one step, if the record is live, has the same binding and has guesses left. Then charges the limits.
   * A refusal charges none of them; the guess stays counted.
   *
   * @param id of the record
   * @param guess what the record must match, and what is charged
   * @returns `gone`: unknown, expired, claimed or out of guesses; `mismatch`: live but with another binding, and nothing
   *   is counted
   */
  reserveCheck(id: string, guess: Guess): Promise<CheckReservation | Refused>;
  /**
   * Ends a live verification, also one without guesses left, as a success: claims the record, uses up the token, gives
   * back, resets and tallies, in this order of importance.
   *
   * Where the items lie on several nodes, first the token is marked with the id of the record: the mark of the same id
   * passes. Then the record is claimed with `op`. The rest follows; `settled` resolves when it is done.
   *
   * @param id of the record
   * @param completion what the success changes
   * @returns ok for exactly one `op`, each time that it asks; `gone`: unknown, expired or claimed; `token_used`: live, but
   *   another verification has used up the token
   */
  complete(id: string, completion: Completion): Promise<Completed>;
  /**
   * Charges all limits, or none if one has no room. A repeated `op` is recognised as long as no other call has charged
   * the same limits, and always for a limit with a maximum of 1: that is how a token is used up by exactly one `op`.
   *
   * @param limits all of them, or none, are charged
   * @param op of this call
   * @returns ok, or the first limit of the array that has no room
   */
  charge(limits: readonly Limit[], op: string): Promise<{ readonly ok: true } | Refused>;
  /**
   * Forgets everything that was counted under these keys, shares and tallies included.
   *
   * @param keys of limits and tallies
   */
  reset(keys: readonly string[]): Promise<void>;
  /**
   * Resolves if the store can be reached, read and written, with every permission that it needs.
   *
   * @throws the error of the driver otherwise
   */
  ping(): Promise<void>;
  /** Closes what the store itself has opened, and nothing that it was given. */
  close(): Promise<void>;
}

/** Calls the store within the time that one request has for all its store work. */
export type UseStore = <T>(work: (store: OtpStore) => Promise<T>) => Promise<T>;

/** The verification is open. `tallied` has the counts of each tally, in the order of the call. */
export interface Opened {
  readonly ok: true;
  readonly tallied: readonly Tallied[];
}

/** A message that went out: `channel` if it is not the planned one, and the groups in which it counts. */
export interface SentMessage {
  readonly channel?: Channel;
  readonly tallies: readonly Tally[];
}

/** Whether a guess was counted, and how many are left after it. */
export type CheckReservation =
  | { readonly ok: true; readonly record: OpenRecord; readonly guessesLeft: number }
  | { readonly ok: false; readonly why: 'gone' | 'mismatch' };

/** Whether a send was counted, and its number. */
export type SendReservation =
  | { readonly ok: true; readonly record: OpenRecord; readonly send: number }
  | { readonly ok: false; readonly why: 'gone' }
  | Refused;

/** Whether this call is the one that ended the verification. */
export type Completed =
  | {
      readonly ok: true;
      /** Settles when everything behind the claim is written; undefined if it is. A rejection leaves a count too high. */
      readonly settled?: Promise<void>;
    }
  | { readonly ok: false; readonly why: 'gone' | 'token_used' };

// --- Sender ------------------------------------------------------------------------------------

/** What a recipient reads. */
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
  /** That time limit in milliseconds. The service always sets it. @default 6000 */
  readonly timeoutMs?: number;
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

/** Options of a `SendError`, beside `cause`. */
export interface SendErrorOptions extends ErrorOptions {
  /**
   * False if the provider is up and only this message is not for it, for example one to a country that it does not serve.
   * The next sender is tried, and the breaker does not count the failure: otherwise a few clients who ask for such messages
   * could switch the sender off for a country. @default true
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
  /**
   * `X-Device-Id` of the request, which the client chooses: 1 to 128 visible ASCII characters. Absent if the request has
   * no such header, another value or several.
   */
  readonly deviceId?: string;
  /** Every value of a request header; the name in lower case. */
  readonly header: (name: string) => readonly string[];
}

/** The policy of the host. It decides whether a code may be sent; any result other than `allow` blocks. */
export type Guard = (input: GuardInput) => GuardVerdict | Promise<GuardVerdict>;
/** `block` is answered as the option `onBlock` says. */
export type GuardVerdict = 'allow' | 'block';

/** The source of random bytes and integers: `node:crypto`, unless a test replaces it. */
export interface Randomness {
  bytes(size: number): Buffer;
  /** A uniformly distributed integer from 0 to `below` - 1. */
  int(below: number): number;
}
