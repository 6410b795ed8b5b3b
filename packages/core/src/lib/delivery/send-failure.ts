import { verificationRef } from '../events/events.js';
import { describeError } from '../events/redact.js';
import type { Channel, SendFailure } from '../ports.js';
import { TimeLimitError } from '../util/time-limit.js';
import type { Delivery, DeliveryContext } from './plan-attempts.js';

interface FailedAttempt {
  readonly channel: Channel;
  /** The name of the sender in the options. */
  readonly sender: string;
  readonly kind: SendFailure;
  readonly error: unknown;
}

/** Emits `send_failed`. */
export function reportFailure(
  { emit }: Pick<DeliveryContext, 'emit'>,
  { id, send }: Pick<Delivery, 'id' | 'send'>,
  { error, ...failed }: FailedAttempt,
): void {
  const verification = verificationRef(id);
  emit({ type: 'send_failed', verification, send, ...failed, error: describeError(error) });
}

export interface ClassifiedFailure {
  readonly kind: SendFailure;
  /** Whether the failure is a sign that the provider is down. */
  readonly countsForBreaker: boolean;
}

/** Classifies anything that a sender may throw. Whatever is no `SendError` is `unavailable`. */
export function classifyFailure(error: unknown): ClassifiedFailure {
  const { kind, countsForBreaker } = readSendError(error);
  if (kind === 'rejected') return { kind, countsForBreaker: false };
  return {
    kind: kind === 'unknown' ? kind : 'unavailable',
    countsForBreaker: countsForBreaker !== false,
  };
}

/** By its shape: the sender may use another copy of this package. */
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
    // Reading a property of a revoked proxy or a getter can throw.
    return {};
  }
}
