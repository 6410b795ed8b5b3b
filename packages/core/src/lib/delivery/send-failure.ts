import type { OtpConfig } from '../config.js';
import { verificationRef } from '../events.js';
import type { Channel, SendFailure } from '../ports.js';
import { describeError } from '../redact.js';
import { TimeLimitError } from '../util/time-limit.js';
import type { Delivery } from './deliver.js';

/** What came of asking a sender that did not accept. */
export interface Failed {
  readonly kind: SendFailure;
  /** Whether it is a sign that the provider is down. */
  readonly countsForBreaker: boolean;
}

interface FailedSend {
  readonly channel: Channel;
  /** Where the options name it; nobody was asked without. */
  readonly sender?: string;
  readonly kind: SendFailure;
  readonly error: unknown;
}

export function reportFailure(
  { emit }: OtpConfig,
  { id, send }: Delivery,
  { error, ...failed }: FailedSend,
): void {
  const verification = verificationRef(id);
  emit({ type: 'send_failed', verification, send, ...failed, error: describeError(error) });
}

/** Judges whatever a sender has thrown. */
export function judgeFailure(error: unknown): Failed {
  const { kind, countsForBreaker } = readSendError(error);
  if (kind === 'rejected') return { kind, countsForBreaker: false };
  const counts = countsForBreaker !== false;
  return { kind: kind === 'unknown' ? kind : 'unavailable', countsForBreaker: counts };
}

/** By its shape: a sender may have been built against another copy of this package. */
function readSendError(error: unknown): { kind?: unknown; countsForBreaker?: unknown } {
  try {
    // The message may have gone out before the time was up.
    if (error instanceof TimeLimitError) return { kind: 'unknown' };
    if (!(error instanceof Error) || error.name !== 'SendError') return {};
    return {
      ...('kind' in error && { kind: error.kind }),
      ...('countsForBreaker' in error && { countsForBreaker: error.countsForBreaker }),
    };
  } catch {
    // Anything can be thrown, also what cannot be looked at.
    return {};
  }
}
