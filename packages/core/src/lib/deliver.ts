import type { DeliveryConfig, OtpConfig } from './config.js';
import type { UseStore } from './context.js';
import { describeError, verificationRef } from './events.js';
import {
  type Channel,
  type Flow,
  type Identifier,
  isChannel,
  type Limit,
  type OtpMessage,
  type OtpStore,
  type SendFailure,
} from './ports.js';
import { type TimeLimit, TimeLimitError, withTimeLimit } from './time-limit.js';

/** What is left of the ten seconds after which clients give up, less the store's share. */
const SEND_LIMIT_MS = 6_000;

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
  /** What is given back when the message was definitely not taken. */
  readonly refunds: readonly Limit[];
  /** What else is taken back when the first message was not sent. */
  readonly unsent?: ((store: OtpStore) => Promise<unknown>) | undefined;
}

export type DeliveryOutcome = 'sent' | SendFailure;

/**
 * Sends one message and undoes its reservation when the provider was down, or the first was rejected. With the host's `waitUntil` this goes
 * on behind the answer, which is then always `sent`.
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
    }
    return 'sent';
  }
  const outcome = await send(config, delivery);
  const { id, send: number, refunds, unsent } = delivery;
  const cancel = (given: readonly Limit[]) =>
    delivery.store((store) => Promise.all([store.cancel(id, number, given), unsent?.(store)]));
  if (outcome === 'unavailable') await cancel(refunds);
  // Its record goes, and nothing else: a retry that is rejected has used up a send and its interval.
  if (outcome === 'rejected' && number === 1) await cancel([]);
  return outcome;
}

async function send(config: OtpConfig, delivery: Delivery): Promise<DeliveryOutcome> {
  const { id, route, send, flow, identifier } = delivery;
  const verification = verificationRef(id);
  let channel = route.channel;
  let outcome: 'accepted' | 'unknown' = 'accepted';
  try {
    const used = await withTimeLimit('the sender', SEND_LIMIT_MS, (limit) =>
      route.sender.send(toMessage(config, delivery, limit)),
    );
    channel = isChannel(used?.channel) ? used.channel : channel;
  } catch (error) {
    const kind = failureKind(error);
    const described = describeError(error);
    config.emit({ type: 'send_failed', channel, verification, send, kind, error: described });
    if (kind !== 'unknown') return kind;
    outcome = 'unknown';
  }
  if (channel !== delivery.recorded) await recordChannel(config, delivery, channel);
  const country = identifier.country === undefined ? {} : { country: identifier.country };
  config.emit({ type: 'message_sent', flow, channel, ...country, verification, send, outcome });
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

function toMessage(config: OtpConfig, delivery: Delivery, limit: TimeLimit): OtpMessage {
  const { id, send, route, identifier, code, locale, remainingMs, dispatchId } = delivery;
  const minutes = Math.max(1, Math.floor(remainingMs / 60_000));
  const content = route.message({ code, appName: config.appName, locale, minutes });
  if (typeof content?.text !== 'string') {
    throw new TypeError(
      `channels.${route.channel}.message must return { text, subject? } at once.`,
    );
  }
  return {
    channel: route.channel,
    to: identifier.value,
    code,
    content,
    locale,
    expiresAt: new Date(config.now() + remainingMs),
    idempotencyKey: `${id}.${send}`,
    send,
    ...(dispatchId === undefined ? {} : { dispatchId }),
    get signal() {
      return limit.signal;
    },
  };
}

function failureKind(error: unknown): SendFailure {
  // By its shape: a sender may have been built against another copy of this package.
  const kind = sendErrorKind(error);
  if (kind !== undefined) return kind === 'rejected' || kind === 'unknown' ? kind : 'unavailable';
  // The message may have gone out before the time was up.
  return error instanceof TimeLimitError ? 'unknown' : 'unavailable';
}

function sendErrorKind(error: unknown): unknown {
  try {
    return error instanceof Error && error.name === 'SendError' && 'kind' in error
      ? error.kind
      : undefined;
  } catch {
    // Its properties may be anything, also getters that throw.
    return undefined;
  }
}
