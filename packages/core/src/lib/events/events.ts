import type { ErrorCode, RefusalReason } from '../errors.js';
import type { Channel, Flow, LimitName, SendFailure } from '../ports.js';
import { ignoreRejection } from '../util/ignore-rejection.js';
import type { RedactedError } from './redact.js';

/**
 * An event for the logs and metrics of the host. No event has a code, a token, a cookie, a key, a recipient or a client
 * address.
 */
export type OtpEvent = ServiceEvent | (RequestEvent & RequestFacts);

/**
 * What is known of the request when its event is emitted. A `fault` outside a request has none of it.
 * docs/reference/events.md is written from the comments.
 */
export interface RequestFacts {
  /** Identifies the verification: the start of a hash of its random token. */
  readonly verification?: string;
  /** `standalone` or `step-up`. */
  readonly flow?: Flow;
  /** `sms`, `whatsapp` or `email`: the channel that was used; before the first message, the planned one. */
  readonly channel?: Channel;
  /** ISO 3166-1 alpha-2 code of the phone number. */
  readonly country?: string;
  /** The `login_config_id` of the create, if it is one of `loginConfigs`. */
  readonly loginConfigId?: string;
  /**
   * The `dispatch_id`, in events of its create. Absent if it could be a code, a phone number or a token: without a letter,
   * or longer than 39 characters. Absent too if it has the recipient in it.
   */
  readonly dispatchId?: string;
  /** A reference of the recipient, as `service.referenceOf({ type, value })` returns it. */
  readonly recipient?: string;
  /** A reference of the user whose challenge token was sent, as `service.referenceOf({ sub, iss })` returns it. */
  readonly user?: string;
}

/** docs/reference/events.md is written from the comments: when the event is emitted, then what to do. */
export type RequestEvent =
  /**
   * A sender accepted a message, or did not answer in time.
   *
   * Compare the count with `verified`: a rise without verifications can be SMS pumping.
   */
  | {
      readonly type: 'message_sent';
      readonly flow: Flow;
      readonly channel: Channel;
      readonly verification: string;
      /** 1 for the first message, 2 for the first retry, … */
      readonly send: number;
      /** The first option that names the sender, such as `channels.sms.sender[1]`. */
      readonly sender: string;
      /** `unknown`: the sender did not answer in time; the message may or may not arrive. */
      readonly outcome: 'accepted' | 'unknown';
    }
  /**
   * A sender failed to send a message. One event for each sender that was tried; if none sends it, a `fault` follows.
   *
   * Alert on a rise; `error` has the provider's own code.
   */
  | {
      readonly type: 'send_failed';
      readonly channel: Channel;
      readonly verification: string;
      readonly send: number;
      readonly sender: string;
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
   * A request, or a call of `consumeSessionStart`, `consumeStepUp` or `completeStep`, was refused with an error code.
   *
   * Count by `code`, `limit` and `reason`; see the tables below.
   */
  | {
      readonly type: 'refused';
      /** `create`, `retry`, `check`, `status`, `jwks`, `unknown`, or the name of the method. */
      readonly route: string;
      /** One of the [error codes](errors.md). The event of an answer `internal` is `fault`. */
      readonly code: ErrorCode;
      /** The [limit](#limits) that was exceeded. */
      readonly limit?: LimitName;
      /** The [reason](#reasons), if one code has several. */
      readonly reason?: RefusalReason;
    }
  /**
   * The guard blocked a create or a retry under `onBlock: 'silent'`: the client sees a success, and nothing is sent.
   *
   * Nothing; the client cannot see it.
   */
  | { readonly type: 'decoy'; readonly verification: string; readonly send: number }
  /**
   * Too few of the newest messages to a number prefix or a country were verified. Once until the next judgement.
   *
   * Find out who requests codes there; see [the conversion guard](../concepts/policy.md#the-conversion-guard).
   */
  | {
      readonly type: 'low_conversion';
      /** The group that was judged. */
      readonly of: 'number_prefix' | 'country';
      /** Messages that were judged. */
      readonly sent: number;
      /** How many of them were verified. */
      readonly verified: number;
      /** Whether creates for it are refused for `blockSeconds`. */
      readonly isBlocked: boolean;
    }
  /**
   * Something failed that the client did not cause. The client got `internal`, or noticed nothing. A failure of the store
   * while a method of the service is called is no event: the method rejects.
   *
   * Alert: `error` has the cause, `during` the place.
   */
  | {
      readonly type: 'fault';
      /** A route, as in `refused`, or `delivery`, `jwks`, `store` or `waitUntil`. */
      readonly during: string;
      readonly error: RedactedError;
    };

/** docs/reference/events.md is written from the comments: when the event is emitted, then what to do. */
export type ServiceEvent =
  /**
   * After five failures in a row for several clients in a country, a sender is not used there for 30 s (`open`), or it
   * works again (`closed`).
   *
   * Alert on `open`: look at the provider's status and at `send_failed`.
   */
  | {
      readonly type: 'breaker';
      readonly sender: string;
      /** ISO 3166-1 alpha-2 code of the phone numbers for which it is; absent for e-mail. */
      readonly country?: string;
      /** `open`: the sender is not used. `closed`: it is used. */
      readonly state: BreakerState;
    }
  /**
   * `resetLimits` was called.
   *
   * Compare it with the log of your support desk.
   */
  | {
      readonly type: 'limits_reset';
      /** The reference of the recipient that was passed. */
      readonly recipient?: string;
      /** The reference of the user that was passed. */
      readonly user?: string;
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
   * The standalone creates of one client network can use up the budget of a recipient, and so lock out its owner. Emitted
   * when the service is created.
   *
   * Lower `limits.standalone.recipientShare`, also for the longest window, or raise `limits.standalone.recipient`.
   */
  | 'recipient_share_too_large'
  /**
   * The standalone creates of one client network can use up the budget of a number prefix, and so lock out the owners of
   * its numbers. Emitted when the service is created.
   *
   * Lower `limits.numberPrefixShare`, also for the longest window, or raise `limits.numberPrefix`.
   */
  | 'number_prefix_share_too_large'
  /**
   * The messages of one client network suffice to have a number prefix blocked. Emitted when the service is created.
   *
   * Lower `limits.conversion.networkSampleShare`, or raise `limits.conversion.prefixSampleSize`.
   */
  | 'network_sample_share_too_large'
  /**
   * A pattern of `origins` matches names that anybody can register, such as `https://*.vercel.app`: pages of strangers may
   * then call the service. Emitted when the service is created.
   *
   * List the origins that are yours, or use a domain of your own. `https://shop-*.vercel.app` matches names of strangers too.
   */
  | 'origins_public_suffix'
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

/** Whether a breaker keeps requests from a sender. */
export type BreakerState = 'open' | 'closed';

export type Emit = (event: OtpEvent) => void;

/** The listener of the host is never awaited, and its errors are dropped. */
export function createEmitter(listener: ((event: OtpEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      ignoreRejection(listener(event));
    } catch {
      // A failing listener must not change the response.
    }
  };
}

/** The name of a verification in events: the start of a hash of its random token. */
export function verificationRef(id: string): string {
  return id.slice(0, 12);
}
