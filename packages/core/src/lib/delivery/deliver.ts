import type { DeliveryConfig, OtpConfig } from '../config.js';
import { verificationRef } from '../events.js';
import type {
  Channel,
  Flow,
  Identifier,
  Limit,
  OtpStore,
  SendFailure,
  UseStore,
} from '../ports.js';
import { describeError } from '../redact.js';
import { askSenders } from './ask-senders.js';

export interface Delivery {
  /** The request's own budget of store time. */
  readonly store: UseStore;
  readonly id: string;
  /** 1 for the first message of a verification. */
  readonly send: number;
  readonly flow: Flow;
  readonly route: DeliveryConfig;
  /** The channel that is on record for this verification. */
  readonly recorded: Channel;
  readonly identifier: Identifier & { readonly country?: string };
  readonly code: string;
  readonly locale: string;
  /** What is left of the life. */
  readonly remainingMs: number;
  readonly dispatchId: string | undefined;
  /** A decoy takes every step but the last. */
  readonly decoy: boolean;
  /** The recipient knows the code beforehand: nothing is sent. */
  readonly isFixed: boolean;
  /** What is given back when the message was definitely not taken and the verification ends. */
  readonly refunds: readonly Limit[];
  /** Counts the first message once it may be out. */
  readonly count?: ((store: OtpStore) => Promise<unknown>) | undefined;
}

export type DeliveryOutcome = 'sent' | SendFailure;

/**
 * Sends one message and undoes its reservation when every sender was unavailable, or the first was rejected. With
 * the host's `waitUntil` this goes on behind the answer, which is then always `sent`: the verification stays, with
 * all that it was charged, and a retry may still reach the recipient.
 */
export function deliver(config: OtpConfig, delivery: Delivery): Promise<DeliveryOutcome> {
  if (config.waitUntil === undefined) return sendOrCancel(config, delivery);
  const work = afterAnswer()
    .then(() => sendOrCancel(config, delivery))
    .catch((error) => {
      config.emit({ type: 'fault', during: 'delivery', error: describeError(error) });
    });
  try {
    config.waitUntil(work);
  } catch (error) {
    // The message is on its way: it is waited for instead.
    config.emit({ type: 'fault', during: 'waitUntil', error: describeError(error) });
    return work.then(() => 'sent');
  }
  return Promise.resolve('sent');
}

/** So that the first steps of sending do not make the answer later than that of a decoy. */
function afterAnswer(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function sendOrCancel(config: OtpConfig, delivery: Delivery): Promise<DeliveryOutcome> {
  if (delivery.decoy) {
    // Here, where any other would tell of its message: what a listener costs must show in neither.
    if (delivery.send === 1) {
      config.emit({ type: 'decoy', verification: verificationRef(delivery.id) });
      count(config, delivery);
    }
    return 'sent';
  }
  if (delivery.isFixed) return reportFixed(config, delivery);
  const outcome = await send(config, delivery);
  const mayBeOut = outcome === 'sent' || outcome === 'unknown';
  // A decoy is counted, so what it must not be told from is too.
  if (mayBeOut || config.onBlock === 'silent') count(config, delivery);
  // Behind its answer the client keeps a verification that can be guessed at and sent again: what it was charged for.
  if (!mayBeOut && config.waitUntil === undefined) await undo(delivery, outcome);
  return outcome;
}

async function undo(
  { store, id, send, refunds }: Delivery,
  outcome: 'rejected' | 'unavailable',
): Promise<void> {
  // A retry that is rejected has used up a send and its interval.
  if (outcome === 'rejected' && send > 1) return;
  await store((each) => each.cancel(id, send, outcome === 'unavailable' ? refunds : []));
}

/** Not waited for: what is counted here is judged minutes later. */
function count(config: OtpConfig, { store, count: counting }: Delivery): void {
  if (counting === undefined) return;
  const { emit, unwaited } = config;
  const work = store(counting)
    .catch((error) => emit({ type: 'fault', during: 'delivery', error: describeError(error) }))
    .finally(() => unwaited.delete(work));
  unwaited.add(work);
}

function reportFixed(config: OtpConfig, { id, send, route }: Delivery): DeliveryOutcome {
  const { channel } = route;
  config.emit({ type: 'fixed_code', channel, verification: verificationRef(id), send });
  return 'sent';
}

async function send(config: OtpConfig, delivery: Delivery): Promise<DeliveryOutcome> {
  const asked = await askSenders(config, delivery);
  if (!('channel' in asked)) return asked.outcome;
  const { outcome, channel, sender } = asked;
  const { id, send, flow, identifier, recorded } = delivery;
  if (channel !== recorded) await recordChannel(config, delivery, channel);
  const country = identifier.country === undefined ? {} : { country: identifier.country };
  const verification = verificationRef(id);
  config.emit({
    type: 'message_sent',
    flow,
    channel,
    ...country,
    verification,
    send,
    sender,
    outcome,
  });
  return outcome === 'unknown' ? 'unknown' : 'sent';
}

/** The message is out, and its code has to work: a store that fails here costs the right `amr`, no more. */
async function recordChannel(
  config: OtpConfig,
  { store, id, send }: Delivery,
  channel: Channel,
): Promise<void> {
  try {
    await store((each) => each.recordChannel(id, send, channel));
  } catch (error) {
    config.emit({ type: 'fault', during: 'delivery', error: describeError(error) });
  }
}
