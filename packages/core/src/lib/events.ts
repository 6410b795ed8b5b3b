import type { BreakerState } from './delivery/breaker.js';
import type { ErrorCode, RefusalReason } from './errors.js';
import type { Channel, Flow, LimitName, SendFailure } from './ports.js';

/** An error as text, with whatever looks like an address, a number, a code or a token cut out. */
export interface RedactedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: RedactedError;
}

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

/** What a local part may hold: RFC 5322 `atext`, and dots. */
const LOCAL = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]";
/** What a label of a host name may hold, also in the letters that `xn--` stands for. */
const LABEL = String.raw`[\p{L}\p{M}\p{N}-]`;
/** As `normalizeIdentifier` takes it: the last label is no number, for `ioredis@6.0.0` is a version. */
const HOST = String.raw`${LABEL}+(?:\.${LABEL}+)*\.(?![0-9]+(?!${LABEL}))${LABEL}+`;
const ADDRESS = `${LOCAL}+(?:@|%40)${HOST}`;

/** Between the digits of a code or a phone number, as people and typesetters group them; `Cf` cannot be seen. */
const GAP = String.raw`\p{Zs}\p{Cf}()._\u2010-\u2015\u2212-`;

/**
 * Each takes time that grows as the text does: none begins in the middle of a run whose start has failed, and none
 * has two ways through the same characters.
 */
function createPatterns(): readonly RegExp[] {
  return [
    // Addresses first, or half of a long one passes for a token. What joins two of them belongs to the second.
    new RegExp(`(?<!${LOCAL})${ADDRESS}(?:${ADDRESS})*`, 'gu'),
    // JSON Web Tokens: three dotted runs. Cookies and keys: one long run.
    /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
    /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}/g,
    // IPv4, also when its digits are too few for the next.
    /[0-9]{1,3}(?:\.[0-9]{1,3}){3}/g,
    // Phone numbers with slashes: fewer digits are a count or a date.
    new RegExp(
      String.raw`\+[0-9](?:[/${GAP}]{0,2}[0-9]){6,}|[0-9](?:[/${GAP}]{0,2}[0-9]){8,}`,
      'gu',
    ),
    // Codes and other phone numbers.
    new RegExp(String.raw`\+?[0-9](?:[${GAP}]{0,2}[0-9]){5,}`, 'gu'),
    // IPv6.
    /(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}|[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*::[0-9a-fA-F:]*|::[0-9a-fA-F][0-9a-fA-F:]*/g,
  ];
}

/** Made for the first error: the classes of Unicode take milliseconds, which a cold start has no use for. */
let patterns: readonly RegExp[] | undefined;

/** Longer texts are cut: nobody reads them, and what hostile input costs is bounded. */
const MAX_TEXT = 4_000;

export function redact(text: string): string {
  // Without the word that the cut goes through: half a token would not be recognised as one.
  const short = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT).replace(/(?<!\S)\S*$/, '…') : text;
  patterns ??= createPatterns();
  return patterns.reduce((left, pattern) => left.replace(pattern, '[redacted]'), short);
}

const MAX_CAUSES = 4;

/** Describes whatever was thrown. Properties of errors are left out: drivers put requests there. */
export function describeError(thrown: unknown): RedactedError {
  try {
    return describe(thrown, 0);
  } catch {
    // Properties may be getters that throw.
    return { name: typeof thrown, message: '[no text]' };
  }
}

function describe(thrown: unknown, depth: number): RedactedError {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: toText(thrown) };
  const { name, message, stack, cause } = thrown;
  return {
    name: toText(name),
    message: toText(message),
    ...(stack === undefined ? {} : { stack: toText(stack) }),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describe(cause, depth + 1) }),
  };
}

/** Anything can be thrown, also what has no text. */
function toText(value: unknown): string {
  try {
    return redact(String(value));
  } catch {
    return '[no text]';
  }
}
