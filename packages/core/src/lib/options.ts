import type { ChallengeIssuer } from './challenge/issuer-keys.js';
import type { FindRecipient } from './challenge/recipient.js';
import type { DeliveryOptions } from './channels/resolve-delivery.js';
import type { OtpEvent } from './events/events.js';
import type { CookieOptions } from './http/cookie.js';
import type { OriginsOption } from './http/origins.js';
import type { Transport } from './http/transport.js';
import type { KeysOptions } from './keys/resolve-keys.js';
import type { LimitOptions } from './limit-options/limit-options.js';
import type { MessagesOptions } from './messages/resolve-messages.js';
import type { Guard, OtpStore, Randomness } from './ports.js';

/** The options of `createOtpService`. */
export interface OtpServiceOptions extends DeliveryOptions, KeysOptions, MessagesOptions {
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
  /** Where verifications and counters are kept. */
  readonly store: OtpStore;
  /** Other issuers whose challenge tokens are accepted. Those of `issuer` always are. @default none */
  readonly challengeIssuers?: readonly ChallengeIssuer[];
  /** Looks up the recipient of a step-up whose step has none. @default the `identifier` of the token */
  readonly findRecipient?: FindRecipient;
  /**
   * Shows the hint of the recipient in the status of a step-up too. A client that has the challenge token of a user can
   * then read the country or the top-level domain, and the last two digits or the first letters. @default false
   */
  readonly stepUpRecipientHint?: boolean;
  /** The policy of the host, called before anything is stored or sent. @default none */
  readonly guard?: Guard;
  /** The response to a blocked create: 403, or with `silent` a decoy, which needs `waitUntil`. @default 'forbidden' */
  readonly onBlock?: 'forbidden' | 'silent';
  /** Keeps the process alive for work that goes on after the response. Sending is then not awaited. @default none */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Receives every event. It is never awaited, and its errors are dropped. @default none */
  readonly onEvent?: (event: OtpEvent) => unknown;
  /**
   * The origins whose pages may call the service, such as `https://app.example.com` or `capacitor://localhost`. In a pattern
   * like `https://pr-*.example.com`, `*` stands for one or more of `a-z0-9-` in the first label. A function receives the
   * `Origin` of a request and allows it by returning `true`; any other value, a promise included, refuses it. @default any origin, no CORS
   */
  readonly origins?: OriginsOption;
  /** More request headers that pages of other origins may send, such as `x-api-version`. @default none */
  readonly allowedHeaders?: readonly string[];
  /**
   * Whether a standalone create must have a PKCE `code_challenge` (RFC 7636, S256), which binds the token of its check to the
   * client. @default 'optional'
   */
  readonly pkce?: 'optional' | 'required';
  /**
   * How a client holds its verification: the cookie, the header `X-Verification-Token`, or both. With `header` no cookie
   * is set or read, for native apps and pages on other sites; a script of the page can read the header. Choose `both`
   * only while clients migrate, because `HttpOnly` then protects nothing. @default 'cookie'
   */
  readonly transport?: Transport;
  /** The attributes of the cookie. @default as `CookieOptions` */
  readonly cookie?: CookieOptions;
  /**
   * The URL of the mount point as clients see it, for the `htu` of DPoP proofs. Its path is the default of `basePath` in
   * adapters that have this option. @default baseUrl and `/v1/session/otp`, otherwise the URL that the adapter sees
   */
  readonly publicUrl?: string;
  /** Limits on creates and wrong codes. @default as `LimitOptions` */
  readonly limits?: LimitOptions;
  /**
   * Returns the name by which limits count an e-mail address: the same one for all addresses of a mailbox. It is called
   * with the address in lower case, and must return a string that is not empty, or the request fails with `internal`.
   * Messages and tokens keep the address as it is. @default without a `+tag`, and for Gmail without dots
   */
  readonly mailboxOf?: (address: string) => string;
  /** Lifts the limits of `limits`, for load tests only. @default false */
  readonly dangerouslyDisableLimits?: boolean;
  /** The error code of a create over a limit. `rate_limited` is 429, which the published contract does not list. @default 'auth_blocked' */
  readonly limitErrorCode?: 'auth_blocked' | 'rate_limited';
  /**
   * Seconds before the first retry, from 0 to 600; later retries wait 2, 4 and 8 times as long. Creates for one recipient
   * wait alike, counted within the shortest window of the limit of the recipient. @default 30
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
