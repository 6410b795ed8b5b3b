import type { ChallengeIssuer } from './challenge/issuer-keys.js';
import type { FindRecipient } from './challenge/recipient.js';
import type { OtpEvent } from './events.js';
import type { CookieOptions } from './http/cookie.js';
import type { KeyringOptions } from './keys/keyring.js';
import type { SigningKey } from './keys/signing-keys.js';
import type { LimitOptions } from './limits/limit-options.js';
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

/** The options of `createOtpService`. */
export interface OtpServiceOptions extends MessagesOptions {
  /** The id of the app in cookies and tokens (`aud`): 1 to 64 of A-Z a-z 0-9 _ -. */
  readonly appId: string;
  /** The name of the app in messages, on one line. @default appId */
  readonly appName?: string;
  /**
   * The origin of the API as clients see it, such as `https://api.example.com`: gives `issuer` and `publicUrl` their
   * defaults. @default none
   */
  readonly baseUrl?: string;
  /** The `iss` of the tokens that the service signs. Required without `baseUrl`. @default baseUrl */
  readonly issuer?: string;
  readonly keyring: KeyringOptions;
  /**
   * The first one signs; the public parts of all are in `/jwks.json`. Rotate by adding a key at the end
   * in every process, and only then moving it to the front.
   */
  readonly signingKeys: readonly SigningKey[];
  /** Where verifications and counters are kept. */
  readonly store: OtpStore;
  /** The channels of the service. Without a `login_config_id`, phone numbers use `sms` and addresses use `email`. */
  readonly channels: Readonly<Partial<Record<Channel, ChannelOptions>>>;
  /** Configurations that a client selects by `login_config_id`. @default none */
  readonly loginConfigs?: Readonly<Record<string, LoginConfigOptions>>;
  /**
   * Recipients with a code that is known beforehand, for standalone verifications only. Nothing is sent to them;
   * everything else is as for any recipient, limits included. @default none
   */
  readonly fixedCodes?: readonly FixedCodeOptions[];
  /** Other issuers whose challenge tokens are accepted. Those of `issuer` always are. @default none */
  readonly challengeIssuers?: readonly ChallengeIssuer[];
  /** Looks up the recipient of a step-up whose step has none. @default the `identifier` of the token */
  readonly findRecipient?: FindRecipient;
  /** The policy of the host, called before anything is stored or sent. @default none */
  readonly guard?: Guard;
  /** The response to a blocked create: 403, or with `silent` a decoy, which needs `waitUntil`. @default 'forbidden' */
  readonly onBlock?: 'forbidden' | 'silent';
  /** Keeps the process alive for work that goes on after the response. Sending is then not awaited. @default none */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Receives every event. It is never awaited, and its errors are dropped. @default none */
  readonly onEvent?: (event: OtpEvent) => unknown;
  /** The origins whose pages may call the service, such as `https://app.example.com`. @default any origin, no CORS */
  readonly origins?: readonly string[];
  /** The attributes of the cookie. @default as `CookieOptions` */
  readonly cookie?: CookieOptions;
  /**
   * The URL of the mount point as clients see it, for the `htu` of DPoP proofs. @default baseUrl and `/v1/session/otp`,
   * otherwise the URL that the adapter sees
   */
  readonly publicUrl?: string;
  /** Limits on creates and wrong codes. @default as `LimitOptions` */
  readonly limits?: LimitOptions;
  /** Lifts the limits of `limits`, for load tests only. @default false */
  readonly dangerouslyDisableLimits?: boolean;
  /** The error code of a create over a limit. `rate_limited` is 429, which the published contract does not list. @default 'auth_blocked' */
  readonly limitErrorCode?: 'auth_blocked' | 'rate_limited';
  /**
   * Seconds before the first retry, from 0 to 600; later retries wait 2, 4 and 8 times as long. Creates for one recipient
   * wait alike, counted within the first window of `limits.recipient`. @default 30
   */
  readonly retryIntervalSeconds?: number;
  /** Milliseconds for all store work of one request, from 1 to 60000. @default 2000 */
  readonly storeTimeoutMs?: number;
  /**
   * Milliseconds for all senders that one message goes to, from 1 to 60000; each of those left gets an equal share.
   * A client gives up after ten seconds. @default 6000
   */
  readonly sendTimeoutMs?: number;
  /** Milliseconds for each call of `guard`, `findRecipient` and the adapter's `session`, from 1 to 60000. @default 1000 */
  readonly callbackTimeoutMs?: number;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** The source of random bytes and integers, for tests. @default node:crypto */
  readonly randomness?: Randomness;
  /** Fetches the key sets of `challengeIssuers`. @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}
