import type { ChallengeIssuer, Jwk } from './challenge/issuer-keys.js';
import type { RecipientQuery } from './config.js';
import type { OtpEvent } from './events.js';
import type { KeyringOptions } from './keys/keyring.js';
import type { MessageInput } from './messages/messages.js';
import type { MessagesOptions } from './messages/resolve-messages.js';
import type {
  Channel,
  Guard,
  Identifier,
  MessageContent,
  OtpStore,
  Randomness,
  Sender,
  Window,
} from './ports.js';

/** How codes go out through one channel. */
export interface ChannelOptions {
  /** Whoever delivers; of a list, the next one when one is unavailable or does not answer in time. */
  readonly sender: Sender | readonly Sender[];
  /** Other senders for some countries, by ISO 3166-1 alpha-2 code of the number. @default none */
  readonly sendersByCountry?: Readonly<Record<string, Sender | readonly Sender[]>>;
  /**
   * What every other message of a verification, the first retry to begin with, goes through first:
   * `'whatsapp'` for `sms`, `'sms'` for `whatsapp`. It must be among `channels`, whose senders,
   * countries and message it has. @default none
   */
  readonly retryChannel?: Channel;
  /**
   * Where phone numbers may be: ISO 3166-1 alpha-2 codes, or `'ALL'`. Required for `sms` and
   * `whatsapp`, because every message costs and fraud goes to expensive countries.
   */
  readonly countries?: readonly string[] | 'ALL';
  /** Digits of a code, 6 to 10. @default 6 */
  readonly codeLength?: number;
  /** Life of a verification in seconds, 60 to 600 (NIST SP 800-63B-4, 3.1.3.2). @default 600 */
  readonly ttlSeconds?: number;
  /** BCP 47 language of the message. @default by the request's `Accept-Language`, or else 'en' */
  readonly locale?: string;
  /** Writes the message in place of the templates, the origin-bound line included. @default the templates */
  readonly message?: (input: MessageInput) => MessageContent;
}

/** What a client picks with `login_config_id`; what it leaves out is taken from its channel. */
export interface LoginConfigOptions extends Partial<ChannelOptions> {
  readonly channel: Channel;
}

/** A recipient whose code is known beforehand, for app-store reviewers and tests. */
export interface FixedCodeOptions {
  readonly identifier: Identifier;
  /** As many digits as the channel's codes have. */
  readonly code: string;
  /** At most 90 days after the service is created. From then on the recipient is like any other. */
  readonly expiresAt: Date;
}

/** Codes that are sent for the sake of sending are never entered: what share of them has to be. */
export interface ConversionOptions {
  /** Messages to a number prefix by which it is judged. @default 20 */
  readonly prefixSampleSize?: number;
  /** Messages to a country by which it is judged. @default 200 */
  readonly countrySampleSize?: number;
  /** The share of them that has to be verified, from 0.01 to 1. @default 0.2 */
  readonly minimumConversion?: number;
  /** How old in seconds a message has to be to be judged. @default 300 */
  readonly afterSeconds?: number;
  /** Seconds for which what was judged is blocked; then it is judged anew. @default 3600 */
  readonly blockSeconds?: number;
  /** Blocks countries, too; otherwise an event alone tells of them. @default false */
  readonly blockCountries?: boolean;
}

export interface LimitOptions {
  /** Creates for one recipient and flow. @default 5 an hour, 10 a day */
  readonly recipient?: readonly Window[];
  /** Creates from one client address (IPv6: one /64). @default 30 in ten minutes, 100 an hour */
  readonly clientAddress?: readonly Window[];
  /** Creates from one IPv6 /48. @default five times those from a client address */
  readonly clientNetwork?: readonly Window[];
  /** Standalone creates for the numbers that differ in their last four digits alone. @default 30 an hour */
  readonly numberPrefix?: readonly Window[];
  /**
   * Creates of the whole app, in both flows: what it may cost at most. A `warning` event says when it is not
   * set. @default none
   */
  readonly app?: readonly Window[];
  /** Refuses number prefixes whose codes nobody enters; `false` switches it off. @default as `ConversionOptions` */
  readonly conversion?: ConversionOptions | false;
  /** Wrong codes of one user over all challenges. @default 20 a day */
  readonly userFailures?: Window;
  /** Wrong codes in a row for one recipient, after which it gets no more. @default 100 */
  readonly consecutiveFailures?: number;
}

export interface CookieOptions {
  /** @default 'Lax' */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Names the cookie `__Host-verification-login_{appId}`, which no subdomain can set. @default false */
  readonly hostPrefix?: boolean;
}

/** A private Ed25519 JWK (RFC 8037) with a `kid`, as `otp-keys` prints it. */
export type SigningKey = Jwk;

export interface OtpServiceOptions extends MessagesOptions {
  /** Names the app in cookies and tokens (`aud`): 1 to 64 of A-Z a-z 0-9 _ -. */
  readonly appId: string;
  /** What messages call the app. @default appId */
  readonly appName?: string;
  /** `iss` of the tokens that we sign, for instance the origin of the API. */
  readonly issuer: string;
  readonly keyring: KeyringOptions;
  /**
   * The first one signs; the public parts of all are in `/jwks.json`. Rotate by adding a key at the end
   * in every process, and only then moving it to the front.
   */
  readonly signingKeys: readonly SigningKey[];
  readonly store: OtpStore;
  /** The channels that are served; `sms` and `email` are the defaults for numbers and addresses. */
  readonly channels: Readonly<Partial<Record<Channel, ChannelOptions>>>;
  /** By `login_config_id`. @default none */
  readonly loginConfigs?: Readonly<Record<string, LoginConfigOptions>>;
  /**
   * Recipients whose code is known beforehand: nothing is sent to them, everything else is as for any
   * other, limits included. Never in a step-up. @default none
   */
  readonly fixedCodes?: readonly FixedCodeOptions[];
  /** Others whose challenge tokens are taken; our own always are. @default none */
  readonly challengeIssuers?: readonly ChallengeIssuer[];
  /** Looks up the recipient of a step-up whose step names none. @default the token's `identifier` */
  readonly recipientOf?: (
    user: RecipientQuery,
  ) => Identifier | undefined | Promise<Identifier | undefined>;
  /** The host's own policy, asked before anything is stored or sent. @default none */
  readonly guard?: Guard;
  /** `silent` answers a blocked request with a decoy; it needs `waitUntil`. @default 'forbidden' */
  readonly onBlock?: 'forbidden' | 'silent';
  /** Takes over work that goes on behind the answer: sending is then not waited for. @default wait */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Gets every event; never waited for, and what it throws is dropped. @default none */
  readonly onEvent?: (event: OtpEvent) => unknown;
  /** Origins whose pages may call us, e.g. `https://app.example.com`. @default no CORS, any origin */
  readonly origins?: readonly string[];
  readonly cookie?: CookieOptions;
  /** The mount point as clients see it, for DPoP's `htu`. @default what the adapter sees */
  readonly publicUrl?: string;
  readonly limits?: LimitOptions;
  /** Lifts the limits in `limits`. For load tests only. @default false */
  readonly dangerouslyDisableLimits?: boolean;
  /** What a create over a limit is answered; 429 is not in the published contract. @default 'auth_blocked' */
  readonly limitErrorCode?: 'auth_blocked' | 'rate_limited';
  /**
   * Seconds before the first retry, the later ones wait 2, 4 and 8 times that; and so do creates for one
   * recipient, counted within the first window of `limits.recipient`. @default 30
   */
  readonly retryIntervalSeconds?: number;
  /** Milliseconds for all store work of one request. @default 2000 */
  readonly storeTimeoutMs?: number;
  /**
   * Milliseconds for all senders that one message goes to, from 1 to 60000; each of those left gets an equal share.
   * A client gives up after ten seconds. @default 6000
   */
  readonly sendTimeoutMs?: number;
  /** Milliseconds for each call of `guard`, `recipientOf` and the adapter's `session`, from 1 to 60000. @default 1000 */
  readonly callbackTimeoutMs?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number;
  /** @default node:crypto */
  readonly randomness?: Randomness;
  /** For the key sets of `challengeIssuers`. @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}
