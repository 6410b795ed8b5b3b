import { type Failure, unauthorized } from '../errors.js';
import type { PresentedToken } from '../http/presented-token.js';
import { hintOf } from '../identifier/hint.js';
import type { Channel, Flow, RecordStatus } from '../ports.js';
import type { RequestContext } from '../request/context.js';
import {
  channelOf,
  presentedVerification,
  unsealRecord,
} from '../verification/find-verification.js';
import type { SealedSecret } from '../verification/seal.js';

/** The state of a verification that a page needs to continue after a reload. */
export interface VerificationStatus {
  readonly flow: Flow;
  /** The channel of the newest message; with `onBlock: 'silent'` the planned one. */
  readonly channel: Channel;
  /** Digits of the code. */
  readonly codeLength: number;
  readonly expiresAt: Date;
  /** Seconds until a retry is admitted; 0 if one is admitted now, null if no send is left. */
  readonly retryAfterSeconds: number | null;
  readonly sendsLeft: number;
  /** Guesses that are left, at least 1. */
  readonly attemptsLeft: number;
  /** Such as `+33 ••• •• 78` or `a•••@e•••.com`; null in a step-up without `stepUpRecipientHint`. */
  readonly recipientHint: string | null;
}

/** `GET /status`: reads the verification. It counts nothing and changes nothing. */
export async function readStatus(
  context: RequestContext,
  handle: PresentedToken,
): Promise<{ readonly ok: true; readonly status: VerificationStatus } | Failure<'unauthorized'>> {
  const verification = presentedVerification(context, handle);
  if (!verification.ok) return verification;
  const record = await context.store((each) => each.read(verification.id));
  if (record === undefined) return unauthorized('not_live');
  const unsealed = unsealRecord(context, verification, record);
  if (!unsealed.ok) return unsealed;
  return { ok: true, status: toStatus(context, unsealed.secret, record) };
}

function toStatus(
  { config }: RequestContext,
  secret: SealedSecret,
  record: RecordStatus,
): VerificationStatus {
  const { flow, identifier, code, expiresAt } = secret;
  const { sendsLeft, nextSendMs, guessesLeft } = record;
  const isHinted = flow === 'standalone' || config.stepUpRecipientHint;
  return {
    flow,
    // A decoy has no message that could have gone out by another channel.
    channel: config.onBlock === 'silent' ? secret.channel : channelOf(secret, record),
    codeLength: code.length,
    expiresAt: new Date(expiresAt),
    retryAfterSeconds: sendsLeft === 0 ? null : Math.ceil(nextSendMs / 1000),
    sendsLeft,
    attemptsLeft: guessesLeft,
    recipientHint: isHinted ? hintOf(identifier) : null,
  };
}

/** The body of `GET /status`. */
export function toStatusBody(status: VerificationStatus): object {
  return {
    flow: status.flow,
    channel: status.channel,
    code_length: status.codeLength,
    expires_at: status.expiresAt.toISOString(),
    retry_after: status.retryAfterSeconds,
    sends_left: status.sendsLeft,
    attempts_left: status.attemptsLeft,
    recipient_hint: status.recipientHint,
  };
}
