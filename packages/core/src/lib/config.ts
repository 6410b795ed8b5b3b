import type { TokenSigner } from './challenge/challenge-token.js';
import type { TrustedIssuer } from './challenge/issuer-keys.js';
import type { RouteSender } from './delivery/breakers.js';
import type { FixedCodes } from './delivery/fixed-codes.js';
import type { Emit, Warning } from './events.js';
import type { CookieConfig } from './http/cookie.js';
import type { Countries } from './identifier/countries.js';
import type { Keyring } from './keys/keyring.js';
import type { Locales } from './messages/accept-language.js';
import type { MessageInput } from './messages/messages.js';
import type {
  Channel,
  Guard,
  Identifier,
  MessageContent,
  OtpStore,
  Randomness,
  Window,
} from './ports.js';

/** Everything that is settled before a code can be made and sent one way. */
export interface DeliveryConfig {
  readonly channel: Channel;
  /** In the order in which they are asked; one at least. */
  readonly senders: readonly RouteSender[];
  /** In place of `senders`, by ISO 3166-1 alpha-2. */
  readonly sendersByCountry: ReadonlyMap<string, readonly RouteSender[]>;
  /** What every other message of a verification goes through first. */
  readonly retryChannel: Channel | undefined;
  /** Undefined for e-mail. */
  readonly countries: Countries | undefined;
  readonly codeLength: number;
  readonly ttlSeconds: number;
  /** Undefined: by the request. */
  readonly locale: string | undefined;
  readonly message: (input: MessageInput) => MessageContent;
}

export interface LimitsConfig {
  readonly recipient: readonly Window[];
  readonly clientAddress: readonly Window[];
  readonly clientNetwork: readonly Window[];
  readonly numberPrefix: readonly Window[];
  /** Undefined: the host has set none. */
  readonly app: readonly Window[] | undefined;
  /** Undefined: switched off. */
  readonly conversion: ConversionConfig | undefined;
  /** Wrong codes of one user over all challenges. */
  readonly userFailures: Window;
  /** Wrong codes for one recipient without a success between them (NIST SP 800-63B-4, 3.2.2). */
  readonly consecutiveFailures: number;
}

/** When messages to a number prefix or a country have too few successes. */
export interface ConversionConfig {
  /** So many messages are enough to judge by. */
  readonly prefixSampleSize: number;
  readonly countrySampleSize: number;
  /** The share of them that has to be verified. */
  readonly minimumConversion: number;
  /** How old a message has to be to be judged. */
  readonly afterSeconds: number;
  readonly blockSeconds: number;
  readonly blockCountries: boolean;
}

/** The options of `createOtpService`, checked once and with every default filled in. */
export interface OtpConfig {
  readonly appId: string;
  readonly appName: string;
  readonly issuer: string;
  readonly keyring: Keyring;
  /** What stands for the app in keys of the store, so that no two apps share one. */
  readonly appKey: string;
  readonly signer: TokenSigner;
  /** Our own keys first, then the issuers that the host trusts. */
  readonly issuers: readonly TrustedIssuer[];
  /** The body of `/jwks.json`. */
  readonly jwks: string;
  readonly store: OtpStore;
  /** All store work of one request, in milliseconds. */
  readonly storeTimeoutMs: number;
  /** All senders that one message goes to, in milliseconds. */
  readonly sendTimeoutMs: number;
  /** One call of a function of the host's, in milliseconds. */
  readonly callbackTimeoutMs: number;
  readonly channels: Readonly<Partial<Record<Channel, DeliveryConfig>>>;
  readonly loginConfigs: ReadonlyMap<string, DeliveryConfig>;
  readonly fixedCodes: FixedCodes;
  /** What a request's `Accept-Language` is looked up in. */
  readonly locales: Locales;
  readonly recipientOf:
    | ((user: RecipientQuery) => Identifier | undefined | Promise<Identifier | undefined>)
    | undefined;
  readonly guard: Guard | undefined;
  readonly onBlock: 'forbidden' | 'silent';
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined;
  /** What the store is told that no answer waits for. */
  readonly unwaited: Set<Promise<unknown>>;
  readonly emit: Emit;
  readonly origins: ReadonlySet<string> | undefined;
  readonly cookie: CookieConfig;
  readonly publicUrl: string | undefined;
  /** Undefined: lifted by `dangerouslyDisableLimits`. */
  readonly limits: LimitsConfig | undefined;
  /** Raises a warning, each one once. */
  readonly warn: (warning: Warning) => void;
  readonly limitErrorCode: 'auth_blocked' | 'rate_limited';
  /** Least times after the 1st, 2nd, … send of a verification. */
  readonly retryGapsSeconds: readonly number[];
  /** Least times after the 1st, 2nd, … create for one recipient. */
  readonly createGapsSeconds: readonly number[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: Randomness;
}

/** Whose recipient is asked for, and of which kind. */
export interface RecipientQuery {
  /** The user, by the issuer of the challenge, which a step that we have marked as done does not change, and its `sub`. */
  readonly iss: string;
  readonly sub: string;
  readonly type: Identifier['type'];
}
