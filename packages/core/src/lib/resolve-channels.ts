import { inspect } from 'node:util';
import { lookupLocale } from './accept-language.js';
import {
  assertFunction,
  assertObject,
  assertOneOf,
  assertText,
  assertWhole,
} from './assert-option.js';
import type { DeliveryConfig } from './config.js';
import { isCountry } from './identifier.js';
import { assertKnown, CHANNEL_OPTIONS, LOGIN_CONFIG_OPTIONS } from './known-options.js';
import type { Messages } from './messages.js';
import type { ChannelOptions, OtpServiceOptions } from './options.js';
import { CHANNELS, type Channel, isChannel } from './ports.js';
import { toLocale } from './resolve-messages.js';

type Channels = OtpServiceOptions['channels'];

export function resolveChannels(
  options: Channels,
  messages: Messages,
): Readonly<Partial<Record<Channel, DeliveryConfig>>> {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) {
    throw new TypeError(
      'channels must have sms, whatsapp or email, for instance { email: { sender } }.',
    );
  }
  const resolved = entries.map(([channel, value]) => {
    const field = `channels.${channel}`;
    if (value === null) throw new TypeError(`${field} must be an object with a sender.`);
    if (!isChannel(channel)) {
      throw new TypeError(`${field} is no channel: use ${CHANNELS.join(', ')}.`);
    }
    assertKnown(value, CHANNEL_OPTIONS, field);
    return [channel, resolveChannel(channel, value, field, messages)] as const;
  });
  return Object.fromEntries(resolved);
}

export function resolveLoginConfigs(
  options: OtpServiceOptions['loginConfigs'] = {},
  channels: Channels,
  messages: Messages,
): ReadonlyMap<string, DeliveryConfig> {
  const resolved = new Map<string, DeliveryConfig>();
  assertObject(options, 'loginConfigs');
  if (Array.isArray(options) || options instanceof Map) {
    throw new TypeError('loginConfigs must be an object: { [id]: { channel, … } }.');
  }
  for (const [id, each] of Object.entries(options)) {
    const field = `loginConfigs.${id}`;
    assertObject(each, field);
    assertKnown(each, LOGIN_CONFIG_OPTIONS, field);
    const { channel, ...own } = each;
    assertText(id, 'loginConfigs: an id');
    const base = channels[assertChannel(channel, `${field}.channel`)];
    resolved.set(id, resolveChannel(channel, { ...base, ...own }, field, messages));
  }
  return resolved;
}

function assertChannel(channel: string, field: string): Channel {
  assertOneOf(channel, CHANNELS, field);
  return channel as Channel;
}

function resolveChannel(
  channel: Channel,
  options: Partial<ChannelOptions>,
  field: string,
  messages: Messages,
): DeliveryConfig {
  const { sender, codeLength = 6, ttlSeconds = 600 } = options;
  const { message = messages.write[channel] } = options;
  if (sender === undefined || typeof sender?.send !== 'function') {
    throw new TypeError(
      `${field}.sender must be an object with send(message), like { send: async ({ to, content }) => … }.`,
    );
  }
  assertWhole(codeLength, `${field}.codeLength`, 6, 10);
  assertWhole(ttlSeconds, `${field}.ttlSeconds`, 60, 600);
  assertFunction(message, `${field}.message`);
  const locale = resolveLocale(options, field, messages);
  const countries = channel === 'email' ? undefined : resolveCountries(options.countries, field);
  return { channel, sender, countries, codeLength, ttlSeconds, locale, message };
}

function resolveLocale(
  { locale, message }: Partial<ChannelOptions>,
  field: string,
  { locales }: Messages,
): string | undefined {
  if (locale === undefined) return undefined;
  const tag = toLocale(locale, `${field}.locale`);
  if (message === undefined && lookupLocale(tag, locales) === undefined) {
    throw new TypeError(`${field}.locale: there are no words for ${tag}; add them to messages.`);
  }
  return tag;
}

function resolveCountries(
  countries: ChannelOptions['countries'],
  field: string,
): ReadonlySet<string> | 'ALL' {
  if (countries === 'ALL') return countries;
  const rule = `${field}.countries must list where numbers may be, like ['US', 'FR'] (ISO 3166-1 alpha-2), or be 'ALL'`;
  if (!Array.isArray(countries) || countries.length === 0) throw new TypeError(`${rule}.`);
  for (const country of countries) {
    if (!isCountry(country)) throw new TypeError(`${rule}; ${inspect(country)} is no country.`);
  }
  return new Set(countries);
}
