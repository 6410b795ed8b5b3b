import * as v from 'valibot';
import type { ChannelPlans, DeliveryPlan } from '../delivery/delivery-plan.js';
import { type AddSenders, oneOrMoreSenders } from '../delivery/sender-registry.js';
import { type Countries, isCountry } from '../identifier/countries.js';
import { lookupLocale } from '../messages/accept-language.js';
import { languageTag } from '../messages/language-tag.js';
import type { MessageInput, Messages, WriteMessage } from '../messages/messages.js';
import { CHANNELS, type Channel, isChannel, type MessageContent, type Sender } from '../ports.js';
import { fn, integer, optionsOf, parseOptions, record } from '../util/schema.js';
import { CODE_LENGTH } from '../verification/code.js';
import { TTL_SECONDS } from '../verification/lifetime.js';

/** How codes are made and sent through one channel. */
export interface ChannelOptions {
  /** The sender, or an array of senders: the next one is tried when one is unavailable or too slow. */
  readonly sender: Sender | readonly Sender[];
  /** Other senders for the numbers of some countries, by ISO 3166-1 alpha-2 code. @default none */
  readonly sendersByCountry?: Readonly<Record<string, Sender | readonly Sender[]>>;
  /**
   * The channel that the second, fourth, … message of a verification tries first: `'whatsapp'` for `sms`, `'sms'` for
   * `whatsapp`. It must be among `channels`; its senders, countries and message apply. @default none
   */
  readonly retryChannel?: Channel;
  /**
   * The countries of phone numbers that are served, as ISO 3166-1 alpha-2 codes, or `'ALL'`. Required for `sms` and
   * `whatsapp`, because every message costs and fraud targets expensive countries.
   */
  readonly countries?: readonly string[] | 'ALL';
  /** Digits of a code, 6 to 10. @default 6 */
  readonly codeLength?: number;
  /** Life of a verification in seconds, 60 to 600 (NIST SP 800-63B-4, 3.1.3.2). @default 600 */
  readonly ttlSeconds?: number;
  /** BCP 47 language of the messages. @default from the request's `Accept-Language`, otherwise 'en' */
  readonly locale?: string;
  /** Writes the whole message, including the origin-bound line. @default the templates in `messages` */
  readonly message?: (input: MessageInput) => MessageContent;
}

/** The plans of a service share its senders and messages. */
export interface PlanContext {
  readonly addSenders: AddSenders;
  readonly messages: Messages;
}

const COUNTRY_RULE = "must be the code of a country (ISO 3166-1 alpha-2), like 'US' or 'GB'";
const COUNTRIES_RULE =
  "must be an array of the countries that are served, like ['US', 'FR'] (ISO 3166-1 alpha-2), or 'ALL'";
const SENDERS_RULE =
  'must be an object of senders by country, like { US: sender, FR: [first, second] } (ISO 3166-1 alpha-2)';

const COUNTRY = v.custom<string>(isCountry, COUNTRY_RULE);

const COUNTRIES = v.lazy(
  (value): v.GenericSchema<readonly string[] | 'ALL'> =>
    Array.isArray(value)
      ? v.pipe(v.array(COUNTRY), v.minLength(1, COUNTRIES_RULE))
      : v.literal('ALL', COUNTRIES_RULE),
);

const COMMON = {
  sender: oneOrMoreSenders(),
  codeLength: v.optional(integer(CODE_LENGTH.min, CODE_LENGTH.max), CODE_LENGTH.default),
  ttlSeconds: v.optional(integer(TTL_SECONDS.min, TTL_SECONDS.max), TTL_SECONDS.default),
  locale: v.optional(languageTag()),
  message: v.optional(fn<WriteMessage>()),
} as const;

function phoneChannel(other: Channel) {
  const rule = `must be '${other}', the other channel to a phone number`;
  return optionsOf<ChannelOptions>()({
    ...COMMON,
    sendersByCountry: v.optional(record(COUNTRY, oneOrMoreSenders(), SENDERS_RULE), {}),
    retryChannel: v.optional(v.literal(other, rule)),
    countries: COUNTRIES,
  });
}

function leftOut(reason: string) {
  return v.optional(v.custom<undefined>(() => false, `must be left out: ${reason}`));
}

const CHANNEL = {
  sms: phoneChannel('whatsapp'),
  whatsapp: phoneChannel('sms'),
  email: optionsOf<ChannelOptions>()({
    ...COMMON,
    sendersByCountry: leftOut('an e-mail address has no country'),
    retryChannel: leftOut('no other channel reaches an e-mail address'),
    countries: v.optional(COUNTRIES),
  }),
} as const;

const OPTIONS = v.custom<Readonly<Record<string, unknown>>>(
  hasChannel,
  'must be an object with sms, whatsapp or email, for instance { email: { sender } }',
);

function hasChannel(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((options) => options !== undefined)
  );
}

/** Resolves the option `channels`. */
export function resolveChannels(options: unknown, context: PlanContext): ChannelPlans {
  const plans: Partial<Record<Channel, DeliveryPlan>> = {};
  for (const [channel, value] of Object.entries(parseOptions(OPTIONS, options, 'channels'))) {
    if (!isChannel(channel)) {
      const names = CHANNELS.join(', ');
      throw new TypeError(`channels has no option ${channel.slice(0, 64)}; it takes ${names}.`);
    }
    if (value !== undefined)
      plans[channel] = resolvePlan(channel, value, `channels.${channel}`, context);
  }
  for (const plan of Object.values(plans))
    assertRetryChannel(plan, plans, `channels.${plan.channel}`);
  return plans;
}

/** Resolves the options of a channel, which those of a login config are merged into. */
export function resolvePlan(
  channel: Channel,
  options: unknown,
  name: string,
  { addSenders, messages }: PlanContext,
): DeliveryPlan {
  const parsed = parseOptions(CHANNEL[channel], options, name);
  const { sender, sendersByCountry = {}, countries, locale, message } = parsed;
  if (locale !== undefined && message === undefined) {
    if (lookupLocale(locale, messages.locales) === undefined)
      throw new TypeError(
        `${name}.locale must be a language that has a template; add one to messages.`,
      );
  }
  return {
    channel,
    senders: addSenders(sender, `${name}.sender`),
    sendersByCountry: new Map(
      Object.entries(sendersByCountry).map(([country, senders]) => [
        country,
        addSenders(senders, `${name}.sendersByCountry.${country}`),
      ]),
    ),
    retryChannel: parsed.retryChannel,
    countries: channel === 'email' ? undefined : toCountries(countries),
    codeLength: parsed.codeLength,
    ttlSeconds: parsed.ttlSeconds,
    locale,
    message: message ?? messages.write[channel],
  };
}

function toCountries(countries: ChannelOptions['countries']): Countries | undefined {
  return countries === undefined || countries === 'ALL' ? countries : new Set(countries);
}

export function assertRetryChannel(
  { retryChannel }: DeliveryPlan,
  plans: ChannelPlans,
  name: string,
): void {
  if (retryChannel !== undefined && plans[retryChannel] === undefined)
    throw new TypeError(
      `${name}.retryChannel is '${retryChannel}': add channels.${retryChannel} with its sender.`,
    );
}
