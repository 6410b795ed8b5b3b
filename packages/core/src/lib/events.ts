import type { ErrorCode, RefusalReason } from './errors.js';
import type { Channel, Flow, LimitName, SendFailure } from './ports.js';
import type { RedactedError } from './redact.js';

/**
 * What the host may want to log or count. No event holds a code, a token, a cookie, a key, a recipient
 * or a client address. `verification` is a short name for one verification that nothing can be
 * computed from.
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
      /** Where the options name it, like `channels.sms.sender[1]`. */
      readonly sender: string;
      /** `unknown`: the sender did not answer in time; the message may or may not arrive. */
      readonly outcome: 'accepted' | 'unknown';
    }
  | {
      readonly type: 'send_failed';
      readonly channel: Channel;
      readonly verification: string;
      readonly send: number;
      /** Absent when none was asked: the message could not be written, or every breaker is open. */
      readonly sender?: string;
      readonly kind: SendFailure;
      readonly error: RedactedError;
    }
  /** A recipient of `fixedCodes` asked for a code: nothing was sent. */
  | {
      readonly type: 'fixed_code';
      readonly channel: Channel;
      readonly verification: string;
      /** As in `message_sent`. */
      readonly send: number;
    }
  /** A sender is not asked for a while, after five failures in a row; or it works again. */
  | { readonly type: 'breaker'; readonly sender: string; readonly state: BreakerState }
  | {
      readonly type: 'verified';
      readonly flow: Flow;
      readonly channel: Channel;
      readonly verification: string;
      /** Present when it was by one of `fixedCodes`. */
      readonly fixedCode?: true;
    }
  | {
      readonly type: 'refused';
      readonly route: string;
      readonly code: ErrorCode;
      readonly limit?: LimitName;
      readonly reason?: RefusalReason;
    }
  /** The guard blocked it and the host chose `silent`: a decoy was answered. */
  | { readonly type: 'decoy'; readonly verification: string }
  /** A record that we cannot open: its key was retired, or somebody has changed it. */
  | {
      readonly type: 'unreadable_record';
      readonly verification: string;
      readonly why: 'retired' | 'corrupt';
    }
  | { readonly type: 'limits_reset' }
  /**
   * Too few of the newest messages to one number prefix or country were verified. Once for each, until it has
   * been judged anew.
   */
  | {
      readonly type: 'low_conversion';
      readonly of: 'number_prefix' | 'country';
      /** ISO 3166-1 alpha-2. */
      readonly country?: string;
      readonly sent: number;
      readonly verified: number;
      /** Whether creates are refused for a while. */
      readonly isBlocked: boolean;
    }
  /** Something about how the service is set up leaves it less safe than it could be. Once for each service. */
  | { readonly type: 'warning'; readonly warning: Warning }
  /** Something failed that is not the client's doing; the client got `internal` or noticed nothing. */
  | { readonly type: 'fault'; readonly during: string; readonly error: RedactedError };

/**
 * `no_app_budget`: `limits.app` is not set, so nothing bounds what all creates together may cost.
 * `no_client_address`: a create came without an address, or with what is none: all like it share the limits of one
 * client. Tell the adapter where the address is.
 * `private_client_address`: a create came from a private or loopback address. Behind a proxy that is not
 * trusted, everybody has that one, and shares the limits of one client.
 */
export type Warning = 'no_app_budget' | 'no_client_address' | 'private_client_address';

/** Whether a sender is asked: `open` leaves it alone for a while. */
export type BreakerState = 'open' | 'closed';

export type Emit = (event: OtpEvent) => void;

/** The host's listener is never waited for, and what it throws is dropped. */
export function createEmitter(listener: ((event: OtpEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      void Promise.resolve(listener(event)).catch(() => {});
    } catch {
      // A listener that fails must not change what the client is answered.
    }
  };
}

/** A short name for a verification: the start of a hash of a random token. */
export function verificationRef(id: string): string {
  return id.slice(0, 12);
}
