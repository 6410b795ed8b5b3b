import type { DeliveryConfig, OtpConfig } from '../config.js';

import { isServed } from '../identifier/countries.js';
import type { Channel, MessageContent } from '../ports.js';
import type { RouteSender } from './breakers.js';
import type { Delivery } from './deliver.js';
import { reportFailure } from './send-failure.js';

/** One sender that may be asked, and for what. */
export interface Attempt {
  readonly channel: Channel;
  readonly content: MessageContent;
  readonly by: RouteSender;
}

/** Everybody who may be asked to take this message, in order. */
export function planAttempts(config: OtpConfig, delivery: Delivery): Attempt[] {
  const attempts: Attempt[] = [];
  for (const route of routesOf(config, delivery)) {
    const content = writeContent(config, delivery, route);
    if (content === undefined) continue;
    for (const by of sendersOf(route, delivery)) {
      attempts.push({ channel: route.channel, content, by });
    }
  }
  return attempts;
}

/**
 * Every other message tries the retry channel before its own: what the one swallows without a word, the
 * other may deliver.
 */
function routesOf(
  { channels }: OtpConfig,
  { route, send, identifier }: Delivery,
): readonly DeliveryConfig[] {
  if (route.retryChannel === undefined || send % 2 === 1) return [route];
  const other = channels[route.retryChannel];
  return other !== undefined && isServed(other.countries, identifier.country)
    ? [other, route]
    : [route];
}

function sendersOf(
  { senders, sendersByCountry }: DeliveryConfig,
  { identifier: { country } }: Delivery,
): readonly RouteSender[] {
  return (country !== undefined && sendersByCountry.get(country)) || senders;
}

/** Undefined, with an event, when the host's own function fails: no sender is to blame for it. */
function writeContent(
  config: OtpConfig,
  delivery: Delivery,
  { channel, message }: DeliveryConfig,
): MessageContent | undefined {
  const { code, locale, remainingMs } = delivery;
  const minutes = Math.max(1, Math.floor(remainingMs / 60_000));
  try {
    const content = message({ code, appName: config.appName, locale, minutes });
    if (typeof content?.text === 'string') return content;
    // One that is async: what it rejects with is nobody's.
    void Promise.resolve(content).catch(() => {});
    throw new TypeError(`channels.${channel}.message must return { text, subject? } at once.`);
  } catch (error) {
    reportFailure(config, delivery, { channel, kind: 'unavailable', error });
    return undefined;
  }
}
