import type { TrustedIssuer } from './challenge/issuer-keys.js';
import type { FindRecipient } from './challenge/recipient.js';
import type { DeliveryConfig } from './channels/resolve-delivery.js';
import type { Emit, Warning } from './events/events.js';
import type { CookieConfig } from './http/cookie.js';
import type { IsAllowed } from './http/origins.js';
import type { Transport } from './http/transport.js';
import type { MailboxOf } from './identifier/mailbox.js';
import type { Keyring } from './keys/keyring.js';
import type { TokenSigner } from './keys/signing-keys.js';
import type { LimitsConfig } from './limit-options/limit-options.js';
import type { Locales } from './messages/accept-language.js';
import type { Guard, OtpStore, Randomness } from './ports.js';

/** The options of `createOtpService`, checked once and with every default filled in. */
export interface OtpConfig extends DeliveryConfig {
  readonly appId: string;
  readonly appName: string;
  readonly issuer: string;
  readonly keyring: Keyring;
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
  /** What a request's `Accept-Language` is looked up in. */
  readonly locales: Locales;
  readonly findRecipient: FindRecipient | undefined;
  readonly guard: Guard | undefined;
  readonly mailboxOf: MailboxOf;
  readonly onBlock: 'forbidden' | 'silent';
  readonly waitUntil: ((work: Promise<unknown>) => unknown) | undefined;
  /** Background store writes under way; `drain` waits for them. */
  readonly unwaited: Set<Promise<unknown>>;
  readonly emit: Emit;
  /** Undefined: any origin may call, and there is no CORS. */
  readonly origins: IsAllowed | undefined;
  /** The value of `Access-Control-Allow-Headers`. */
  readonly allowedHeaders: string;
  readonly pkce: 'optional' | 'required';
  readonly cookie: CookieConfig;
  readonly transport: Transport;
  readonly stepUpRecipientHint: boolean;
  readonly publicUrl: string | undefined;
  /** Undefined: lifted by `dangerouslyDisableLimits`. */
  readonly limits: LimitsConfig | undefined;
  /** Raises a warning, each one once. */
  readonly warn: (warning: Warning) => void;
  readonly limitErrorCode: 'auth_blocked' | 'rate_limited';
  /** Least times between the sends of a verification, and between the creates for a recipient. */
  readonly gapsSeconds: readonly number[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: Randomness;
}
