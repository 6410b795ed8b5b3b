import type { ErrorCode, RefusalReason } from './errors.js';
import type { Channel, Flow, LimitName, SendFailure } from './ports.js';
import type { RedactedError } from './redact.js';

/**
 * An event for the logs and metrics of the host. No event has a code, a token, a cookie, a key, a recipient or a client
 * address. docs/reference/events.md is written from the comments: when the event is emitted, then what to do.
 */
export type OtpEvent =
  /**
   * A sender accepted a message, or did not answer in time.
   *
   * Compare the count with `verified`: a rise without verifications can be SMS pumping.
   */
  | {
      readonly type: 'message_sent';
      /** `standalone` or `step-up`. */
      readonly flow: Flow;
      /** `sms`, `whatsapp` or `email`: the channel that was used. */
      readonly channel: Channel;
      /** ISO 3166-1 alpha-2 code of the phone number. */
      readonly country?: string;
      /** Identifies the verification: the start of a hash of its random token. */
      readonly verification: string;
      /** 1 for the first message, 2 for the first retry, … */
      readonly send: number;
      /** The first option that names the sender, such as `channels.sms.sender[1]`. */
      readonly sender: string;
      /** `unknown`: the sender did not answer in time; the message may or may not arrive. */
      readonly outcome: 'accepted' | 'unknown';
    }
  /**
   * An attempt to send failed. One event for each sender that was tried, and one without `sender` if none could be tried.
   *
   * Alert on a rise; `error` has the provider's own code.
   */
  | {
      readonly type: 'send_failed';
      readonly channel: Channel;
      readonly verification: string;
      readonly send: number;
      /** Absent if there was no attempt: the message could not be written, or every breaker is open. */
      readonly sender?: string;
      /** `rejected`, `unavailable` or `unknown`, as in `SendError`. */
      readonly kind: SendFailure;
      /** Name, message, stack and causes, without what looks like a secret or a recipient. */
      readonly error: RedactedError;
    }
  /**
   * A recipient of `fixedCodes` requested a code. Nothing was sent.
   *
   * Alert if nobody is reviewing or testing the app.
   */
  | {
      readonly type: 'fixed_code';
      readonly channel: Channel;
      readonly verification: string;
      readonly send: number;
    }
  /**
   * After five failures in a row a sender is not used for 30 s (`open`), or it works again (`closed`).
   *
   * Alert on `open`: look at the provider's status and at `send_failed`.
   */
  | {
      readonly type: 'breaker';
      readonly sender: string;
      /** `open`: the sender is not used. `closed`: it is used. */
      readonly state: BreakerState;
    }
  /**
   * A correct code completed a verification.
   *
   * Count it beside `message_sent`.
   */
  | {
      readonly type: 'verified';
      readonly flow: Flow;
      readonly channel: Channel;
      readonly verification: string;
      /** Present if the code was one of `fixedCodes`. */
      readonly fixedCode?: true;
    }
  /**
   * A request was refused with an error code.
   *
   * Count by `code`, `limit` and `reason`; see the tables below.
   */
  | {
      readonly type: 'refused';
      /** `create`, `retry`, `check`, `jwks` or `unknown`. */
      readonly route: string;
      /** One of the [error codes](errors.md). */
      readonly code: ErrorCode;
      /** The [limit](#limits) that was exceeded. */
      readonly limit?: LimitName;
      /** The [reason](#reasons), if one code has several. */
      readonly reason?: RefusalReason;
    }
  /**
   * The guard blocked a create under `onBlock: 'silent'`: the client got a decoy.
   *
   * Nothing; the client cannot see it.
   */
  | { readonly type: 'decoy'; readonly verification: string }
  /**
   * A record cannot be decrypted: its key was retired, or the record was changed in the store.
   *
   * `retired`: keep old keys for ten minutes in a rotation. `corrupt`: alert, somebody may write to the store.
   */
  | {
      readonly type: 'unreadable_record';
      readonly verification: string;
      /** `retired`: the key is not in the keyring. `corrupt`: the seal does not match. */
      readonly why: 'retired' | 'corrupt';
    }
  /**
   * `resetLimits` was called.
   *
   * Compare it with the log of your support desk.
   */
  | { readonly type: 'limits_reset' }
  /**
   * Too few of the newest messages to a number prefix or a country were verified. Once until the next judgement.
   *
   * Find out who requests codes there; see [the conversion guard](../concepts/policy.md#the-conversion-guard).
   */
  | {
      readonly type: 'low_conversion';
      /** The group that was judged. */
      readonly of: 'number_prefix' | 'country';
      readonly country?: string;
      /** Messages that were judged. */
      readonly sent: number;
      /** How many of them were verified. */
      readonly verified: number;
      /** Whether creates for it are refused for `blockSeconds`. */
      readonly isBlocked: boolean;
    }
  /**
   * A setting leaves the service less safe than it could be. Each warning once for a service.
   *
   * See [warnings](#warnings).
   */
  | {
      readonly type: 'warning';
      /** Its [name](#warnings). */
      readonly warning: Warning;
    }
  /**
   * Something failed that the client did not cause. The client got `internal`, or noticed nothing.
   *
   * Alert: `error` has the cause, `during` the place.
   */
  | {
      readonly type: 'fault';
      /** A route, as in `refused`, or `delivery`, `jwks`, `store` or `waitUntil`. */
      readonly during: string;
      readonly error: RedactedError;
    };

/** docs/reference/events.md is written from the comments: the cause, then what to do. */
export type Warning =
  /**
   * `limits.app` is not set, so nothing bounds the cost of all creates together. Emitted when the service is created.
   *
   * Set `limits.app` to what an hour and a day may cost.
   */
  | 'no_app_budget'
  /**
   * The standalone creates of one client network can use up `limits.app`, and so lock out everybody. Emitted when the
   * service is created.
   *
   * Set `limits.app` above what `limits.standalone.clientNetwork` admits in the same time.
   */
  | 'app_budget_for_one_network'
  /**
   * A create had no valid client address. All such creates share the limits of one client.
   *
   * Configure where the [adapter](../guides/deploying.md) finds the address.
   */
  | 'no_client_address'
  /**
   * A create came from a private or loopback address. Behind a proxy that is not trusted, all clients have that address
   * and share the limits of one client.
   *
   * Configure which proxy the [adapter](../guides/deploying.md) trusts. On your own machine, ignore it.
   */
  | 'private_client_address';

export type BreakerState = 'open' | 'closed';

export type Emit = (event: OtpEvent) => void;

/** The listener of the host is never awaited, and its errors are dropped. */
export function createEmitter(listener: ((event: OtpEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      void Promise.resolve(listener(event)).catch(() => {});
    } catch {
      // A failing listener must not change the response.
    }
  };
}

/** The name of a verification in events: the start of a hash of its random token. */
export function verificationRef(id: string): string {
  return id.slice(0, 12);
}
