import { blockedByPolicy, type Failure, fail } from '../errors.js';
import { verificationRef } from '../events/events.js';
import { type RequestEvents, reportFault } from '../events/request-events.js';
import type { MailboxOf } from '../identifier/mailbox.js';
import { velocityName } from '../identifier/mailbox.js';
import { networkOf } from '../limits/client-address.js';
import type { Channel, SendFailure, UseStore } from '../ports.js';
import type { SealedSecret } from '../verification/seal.js';
import { deliver } from './deliver.js';
import type { DeliveryPlan } from './delivery-plan.js';
import type { DeliveryContext } from './plan-attempts.js';

interface SendContext {
  readonly config: Omit<DeliveryContext, 'emit'> & { readonly mailboxOf: MailboxOf };
  readonly store: UseStore;
  readonly events: RequestEvents;
}

/** One send of a verification's code. */
export interface CodeToSend {
  /** Of the record. */
  readonly id: string;
  /** 1 for the first message of a verification. */
  readonly send: number;
  readonly secret: SealedSecret;
  readonly plan: DeliveryPlan;
  /** The channel on record. */
  readonly recordedChannel: Channel;
  readonly dispatchId?: string | undefined;
}

/** `sent` includes decoys and fixed codes, for which there is no message. */
export type SendOutcome = 'sent' | SendFailure;

/** Sends a code, records the channel that was used, and emits the event. */
export async function sendCode(context: SendContext, code: CodeToSend): Promise<SendOutcome> {
  const { config, events } = context;
  const { id, send, secret, plan } = code;
  const { flow, identifier, locale, expiresAt } = secret;
  const verification = verificationRef(id);
  if (secret.decoy) {
    // Emitted when any other verification emits its own event: a slow listener must not tell decoys apart.
    events.emit({ type: 'decoy', verification, send });
    return 'sent';
  }
  if (secret.isFixed) {
    events.emit({ type: 'fixed_code', channel: plan.channel, verification, send });
    return 'sent';
  }
  const parties = {
    recipient: velocityName(identifier, config.mailboxOf),
    network: networkOf(secret.bucket),
  };
  const { appName, channels, sendTimeoutMs, now } = config;
  const delivered = await deliver(
    { appName, channels, sendTimeoutMs, now, emit: events.emit },
    {
      id,
      send,
      plan,
      identifier,
      parties,
      code: secret.code,
      locale,
      expiresAt,
      dispatchId: code.dispatchId,
    },
  );
  if (!('channel' in delivered)) return delivered.outcome;
  const { outcome, channel, sender } = delivered;
  if (channel !== code.recordedChannel) await recordChannel(context, code, channel);
  events.emit({ type: 'message_sent', flow, channel, verification, send, sender, outcome });
  return outcome === 'unknown' ? outcome : 'sent';
}

/** The message is out and its code has to work: if the store fails here, only `amr` names the wrong channel. */
async function recordChannel(
  { store, events }: SendContext,
  { id, send }: CodeToSend,
  channel: Channel,
): Promise<void> {
  const recorded = store((each) => each.recordSend(id, send, { channel, tallies: [] }));
  await recorded.catch(reportFault(events, 'delivery'));
}

/** The failure that a client gets; undefined if the message is sent or may be. `internal` has its event already. */
export function toSendFailure(outcome: SendOutcome | undefined): Failure | undefined {
  if (outcome === 'rejected') return blockedByPolicy('recipient_rejected');
  return outcome === 'unavailable' ? fail('internal') : undefined;
}
