import type { RequestEvent } from '../events/events.js';
import { describeError } from '../events/redact.js';
import { isServed } from '../identifier/countries.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Channel, MessageContent } from '../ports.js';
import { ignoreRejection } from '../util/ignore-rejection.js';
import type { Breaker, Parties } from './breaker.js';
import type { ChannelPlans, DeliveryPlan } from './delivery-plan.js';
import type { PlanSender } from './sender-registry.js';

/** One send of a verification, for `deliver`. */
export interface Delivery {
  /** The verification's id in the store. */
  readonly id: string;
  /** 1 for the first message of a verification. */
  readonly send: number;
  readonly plan: DeliveryPlan;
  readonly identifier: NormalizedIdentifier;
  /** For the breakers. */
  readonly parties: Parties;
  readonly code: string;
  readonly locale: string;
  /** When the verification ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly dispatchId: string | undefined;
}

/** The part of the configuration that `deliver` needs. */
export interface DeliveryContext {
  readonly appName: string;
  readonly channels: ChannelPlans;
  readonly sendTimeoutMs: number;
  readonly emit: (event: RequestEvent) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A sender that may be tried, with the message for its channel. */
export interface Attempt {
  readonly channel: Channel;
  readonly content: MessageContent;
  readonly sender: PlanSender;
  /** Of the sender, for the country of the recipient. */
  readonly breaker: Breaker;
}

/** Lists all senders that may be tried, in order. */
export function planAttempts(context: DeliveryContext, delivery: Delivery): Attempt[] {
  const attempts: Attempt[] = [];
  for (const plan of plansFor(context, delivery)) {
    const content = writeContent(context, delivery, plan);
    if (content === undefined) continue;
    for (const sender of sendersFor(plan, delivery)) {
      const breaker = sender.breakerFor(delivery.identifier.country);
      attempts.push({ channel: plan.channel, content, sender, breaker });
    }
  }
  return attempts;
}

/**
 * Every other send tries the retry channel before its own: if one channel drops messages silently, the other may
 * deliver.
 */
function plansFor(
  { channels }: DeliveryContext,
  { plan, send, identifier }: Delivery,
): readonly DeliveryPlan[] {
  if (plan.retryChannel === undefined || send % 2 === 1) return [plan];
  const other = channels[plan.retryChannel];
  return other !== undefined && isServed(other.countries, identifier.country)
    ? [other, plan]
    : [plan];
}

function sendersFor(
  { senders, sendersByCountry }: DeliveryPlan,
  { identifier: { country } }: Delivery,
): readonly PlanSender[] {
  return (country !== undefined && sendersByCountry.get(country)) || senders;
}

/** The first message leaves a moment after its verification was opened, and names its whole life. */
const ROUNDED_UP_MS = 5_000;

/** Undefined, with a `fault`, when the host's own function fails. That says nothing about any sender. */
function writeContent(
  context: DeliveryContext,
  delivery: Delivery,
  { channel, message }: DeliveryPlan,
): MessageContent | undefined {
  const { appName } = context;
  const { code, locale, expiresAt } = delivery;
  const minutes = Math.max(1, Math.floor((expiresAt - context.now() + ROUNDED_UP_MS) / 60_000));
  try {
    const content = message({ code, appName, locale, minutes });
    if (typeof content?.text === 'string') return content;
    ignoreRejection(content);
    throw new TypeError(`channels.${channel}.message must return { text, subject? }, no promise.`);
  } catch (error) {
    context.emit({ type: 'fault', during: 'delivery', error: describeError(error) });
    return undefined;
  }
}
