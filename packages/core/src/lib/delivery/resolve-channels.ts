import { inspect } from 'node:util';
import type { DeliveryConfig } from '../config.js';
import { type Countries, isCountry } from '../identifier/countries.js';
import { lookupLocale } from '../messages/accept-language.js';
import { languageTag } from '../messages/language-tag.js';
import type { Messages } from '../messages/messages.js';
import type { ChannelOptions, OtpServiceOptions } from '../options.js';
import { CHANNELS, type Channel, isChannel } from '../ports.js';
import {
  assertFunction,
  assertObject,
  assertOneOf,
  assertText,
  assertWhole,
} from '../util/assert-option.js';
import {
  assertKnownOptions,
  CHANNEL_OPTIONS,
  LOGIN_CONFIG_OPTIONS,
} from '../util/known-options.js';
import { parseOptions } from '../util/schema.js';
import { CODE_LENGTH, TTL_SECONDS } from '../verification/code.js';
import { resolveSenders, resolveSendersByCountry, type ToRouteSender } from './breakers.js';

type Channels = OtpServiceOptions['channels'];

/** What all routes of a service share: a breaker for each sender, and the words. */
export interface SharedByRoutes {
  readonly toRouteSender: ToRouteSender;
  readonly messages: Messages;
}

export function resolveChannels(
  options: Channels,
  shared: SharedByRoutes,
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
    assertKnownOptions(value, CHANNEL_OPTIONS, field);
    return [channel, resolveChannel(channel, value, field, shared)] as const;
  });
  const channels: Partial<Record<Channel, DeliveryConfig>> = Object.fromEntries(resolved);
  for (const [channel, route] of resolved) {
    assertRetryChannel(route, channels, `channels.${channel}.retryChannel`);
  }
  return channels;
}

export function resolveLoginConfigs(
  { loginConfigs: options = {}, channels }: Pick<OtpServiceOptions, 'loginConfigs' | 'channels'>,
  resolvedChannels: Readonly<Partial<Record<Channel, DeliveryConfig>>>,
  shared: SharedByRoutes,
): ReadonlyMap<string, DeliveryConfig> {
  const resolved = new Map<string, DeliveryConfig>();
  assertObject(options, 'loginConfigs');
  if (Array.isArray(options) || options instanceof Map) {
    throw new TypeError('loginConfigs must be an object: { [id]: { channel, … } }.');
  }
  for (const [id, each] of Object.entries(options)) {
    const field = `loginConfigs.${id}`;
    assertObject(each, field);
    assertKnownOptions(each, LOGIN_CONFIG_OPTIONS, field);
    const { channel, ...own } = each;
    assertText(id, 'loginConfigs: an id');
    const base = channels[assertChannel(channel, `${field}.channel`)];
    // A sender of its own is for every country, unless it says otherwise.
    const senders = own.sender === undefined ? {} : { sendersByCountry: undefined };
    const merged = { ...base, ...senders, ...own };
    const route = resolveChannel(channel, merged, field, shared);
    assertRetryChannel(route, resolvedChannels, `${field}.retryChannel`);
    resolved.set(id, route);
  }
  return resolved;
}

function assertChannel(channel: string, field: string): Channel {
  assertOneOf(channel, CHANNELS, field);
  return channel as Channel;
}

/** Those of a login config over those of its channel. */
type MergedOptions = Partial<Omit<ChannelOptions, 'sendersByCountry'>> & {
  readonly sendersByCountry?: ChannelOptions['sendersByCountry'] | undefined;
};

function resolveChannel(
  channel: Channel,
  options: MergedOptions,
  field: string,
  { toRouteSender, messages }: SharedByRoutes,
): DeliveryConfig {
  const { codeLength = CODE_LENGTH.default, ttlSeconds = TTL_SECONDS.default } = options;
  const { message = messages.write[channel], retryChannel } = options;
  const senders = resolveSenders(options.sender, `${field}.sender`, toRouteSender);
  if (channel === 'email' && options.sendersByCountry !== undefined) {
    throw new TypeError(`${field}.sendersByCountry: an address has no country; use sender alone.`);
  }
  const sendersByCountry = resolveSendersByCountry(
    options.sendersByCountry,
    `${field}.sendersByCountry`,
    toRouteSender,
  );
  assertWhole(codeLength, `${field}.codeLength`, CODE_LENGTH.min, CODE_LENGTH.max);
  assertWhole(ttlSeconds, `${field}.ttlSeconds`, TTL_SECONDS.min, TTL_SECONDS.max);
  assertFunction(message, `${field}.message`);
  const locale = resolveLocale(options, field, messages);
  const countries = channel === 'email' ? undefined : resolveCountries(options.countries, field);
  return {
    channel,
    senders,
    sendersByCountry,
    retryChannel,
    countries,
    codeLength,
    ttlSeconds,
    locale,
    message,
  };
}

/** Another channel to the same recipient, which must be there. */
function assertRetryChannel(
  { channel, retryChannel }: DeliveryConfig,
  channels: Readonly<Partial<Record<Channel, DeliveryConfig>>>,
  field: string,
): void {
  if (retryChannel === undefined) return;
  const other = OTHER_CHANNEL[channel];
  if (other === undefined) {
    throw new TypeError(`${field}: no other channel reaches an address; leave it out.`);
  }
  if (retryChannel !== other) {
    throw new TypeError(`${field} must be '${other}', the other channel to a phone number.`);
  }
  if (channels[other] === undefined) {
    throw new TypeError(`${field} is '${other}': add channels.${other} with its sender.`);
  }
}

const OTHER_CHANNEL: Readonly<Record<Channel, Channel | undefined>> = {
  sms: 'whatsapp',
  whatsapp: 'sms',
  email: undefined,
};

function resolveLocale(
  { locale, message }: MergedOptions,
  field: string,
  { locales }: Messages,
): string | undefined {
  if (locale === undefined) return undefined;
  const tag = parseOptions(languageTag(), locale, `${field}.locale`);
  if (message === undefined && lookupLocale(tag, locales) === undefined) {
    throw new TypeError(`${field}.locale: there are no words for ${tag}; add them to messages.`);
  }
  return tag;
}

function resolveCountries(countries: ChannelOptions['countries'], field: string): Countries {
  if (countries === 'ALL') return countries;
  const rule = `${field}.countries must list where numbers may be, like ['US', 'FR'] (ISO 3166-1 alpha-2), or be 'ALL'`;
  if (!Array.isArray(countries) || countries.length === 0) throw new TypeError(`${rule}.`);
  for (const country of countries) {
    if (!isCountry(country)) throw new TypeError(`${rule}; ${inspect(country)} is no country.`);
  }
  return new Set(countries);
}
