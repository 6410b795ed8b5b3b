import type { ErrorCode, RefusalReason } from './errors.js';
import type { Channel, Flow, LimitName, SendFailure } from './ports.js';
import type { RedactedError } from './redact.js';

/**
 * An event for the logs and metrics of the host. No event has a code, a token, a cookie, a key, a recipient or a client
 * address. `verification` identifies a verification: the start of a hash of its random token.
 */
export type OtpEvent =
  | {
      readonly type: 'message_sent';
      readonly flow: Flow;
      readonly channel: Channel;
      readonly country?: string;
      readonly verification: string;
      /** 1 for the first message, 2 for the first retry, … */
      readonly send: number;
      /** The option that names it, such as `channels.sms.sender[1]`. */
      readonly sender: string;
      /** `unknown`: the sender did not answer in time; the message may or may not arrive. */
      readonly outcome: 'accepted' | 'unknown';
    }
  | {
      readonly type: 'send_failed';
      readonly channel: Channel;
      readonly verification: string;
      readonly send: number;
      /** Absent if there was no attempt: the message could not be written, or every breaker is open. */
      readonly sender?: string;
      readonly kind: SendFailure;
      readonly error: RedactedError;
    }
  /** A recipient of `fixedCodes` requested a code. Nothing was sent. */
  | {
      readonly type: 'fixed_code';
      readonly channel: Channel;
      readonly verification: string;
      /** As in `message_sent`. */
      readonly send: number;
    }
  /** A sender is left alone for a while after five failures in a row (`open`), or works again (`closed`). */
  | { readonly type: 'breaker'; readonly sender: string; readonly state: BreakerState }
  | {
      readonly type: 'verified';
      readonly flow: Flow;
      readonly channel: Channel;
      readonly verification: string;
      /** Present if the code was one of `fixedCodes`. */
      readonly fixedCode?: true;
    }
  | {
      readonly type: 'refused';
      readonly route: string;
      readonly code: ErrorCode;
      readonly limit?: LimitName;
      readonly reason?: RefusalReason;
    }
  /** The guard blocked a create under `onBlock: 'silent'`: the client got a decoy. */
  | { readonly type: 'decoy'; readonly verification: string }
  /** A record cannot be decrypted: its key was retired, or the record was changed in the store. */
  | {
      readonly type: 'unreadable_record';
      readonly verification: string;
      readonly why: 'retired' | 'corrupt';
    }
  | { readonly type: 'limits_reset' }
  /** Too few of the newest messages to a number prefix or a country were verified. Once until the next judgement. */
  | {
      readonly type: 'low_conversion';
      readonly of: 'number_prefix' | 'country';
      /** ISO 3166-1 alpha-2. */
      readonly country?: string;
      readonly sent: number;
      readonly verified: number;
      /** Whether creates for it are refused for `blockSeconds`. */
      readonly isBlocked: boolean;
    }
  /** A setting leaves the service less safe than it could be. Once for each service. */
  | { readonly type: 'warning'; readonly warning: Warning }
  /** A fault that the client did not cause; the client got `internal` or noticed nothing. */
  | { readonly type: 'fault'; readonly during: string; readonly error: RedactedError };

/**
 * `no_app_budget`: `limits.app` is not set, so nothing bounds the cost of all creates together.
 * `app_budget_for_one_network`: the standalone creates of one client network can use up `limits.app`, and so lock out
 * everybody. Set it above what `limits.standalone.clientNetwork` admits in the same time.
 * `no_client_address`: a create had no valid client address. All such creates share the limits of one client: configure
 * where the adapter finds the address.
 * `private_client_address`: a create came from a private or loopback address. Behind a proxy that is not trusted, all
 * clients have that address and share the limits of one client.
 */
export type Warning =
  | 'no_app_budget'
  | 'app_budget_for_one_network'
  | 'no_client_address'
  | 'private_client_address';

/** `open`: the sender is left alone for a while. `closed`: it is used. */
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
