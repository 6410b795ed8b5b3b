import * as v from 'valibot';
import type { Window } from '../ports.js';
import { boolean, integer, oneOf, optionsOf, parseOptions } from '../util/schema.js';
import {
  DEFAULT_CONVERSION,
  DEFAULT_LIMITS,
  NETWORK_FACTOR,
  NETWORK_SHARE,
} from './default-limits.js';
import { MAX_EVENTS, scale } from './windows.js';

/**
 * The limits of a service. Each flow counts for itself, so that standalone creates of strangers use up nothing of a
 * step-up. An array of windows, in any order, replaces the default windows; an event needs room in each.
 * Options that contradict each other are refused.
 */
export interface LimitOptions {
  /** The limits of standalone creates. @default as `StandaloneLimitOptions` */
  readonly standalone?: StandaloneLimitOptions;
  /** The limits of step-up creates. @default as `FlowLimitOptions` */
  readonly stepUp?: FlowLimitOptions;
  /**
   * Creates of the whole app in both flows, which caps its cost. Both share four fifths, step-ups alone may use the rest. Without a
   * budget, a `warning` event is emitted. @default none
   */
  readonly app?: readonly Window[];
  /** Standalone creates for phone numbers that differ only in their last four digits. @default 30 an hour */
  readonly numberPrefix?: readonly Window[];
  /** The part of `numberPrefix` that one client network may use. @default a third, rounded up */
  readonly numberPrefixShare?: readonly Window[];
  /** Blocks number prefixes whose codes are not entered; `false` turns the guard off. @default as `ConversionOptions` */
  readonly conversion?: ConversionOptions | false;
  /** Wrong codes of one user, over all challenges. @default 20 a day */
  readonly userFailures?: Window;
  /**
   * Wrong codes in a row, from 1 to 100: of one user, of one user with one recipient, and of one standalone recipient. At
   * that number, step-up creates are refused (for that recipient). @default 100
   */
  readonly consecutiveFailures?: number;
  /**
   * What a standalone recipient gets after `consecutiveFailures`, until a success. `one_guess`: verifications with one guess
   * in place of five. `eight_digits`: codes of eight digits at least, at the cost of one more call of the store for each
   * create. `block`: no verification for a day at most; strangers can cause that. @default 'one_guess'
   */
  readonly standaloneOverCap?: 'one_guess' | 'eight_digits' | 'block';
}

/** The limits of the creates of one flow. */
export interface FlowLimitOptions {
  /** Creates for one recipient. @default 5 an hour, 10 a day; standalone 9 and 18 */
  readonly recipient?: readonly Window[];
  /** Creates by one client address, or one IPv6 /64. @default 30 in ten minutes, 100 an hour */
  readonly clientAddress?: readonly Window[];
  /** Creates by one IPv6 /48. @default five times `clientAddress` */
  readonly clientNetwork?: readonly Window[];
  /** Creates of the whole app in this flow. @default none */
  readonly app?: readonly Window[];
}

/** The limits of the standalone flow. */
export interface StandaloneLimitOptions extends FlowLimitOptions {
  /**
   * The part of `recipient` that one client network (an IPv4 address, an IPv6 /48) may use. It has the gaps between
   * creates, so that a stranger delays nobody on another network. @default a third of `recipient`, rounded up: 3 an hour, 6 a day
   */
  readonly recipientShare?: readonly Window[];
}

/**
 * The conversion guard. Codes that are requested only to cause traffic (SMS pumping) are never entered, so it compares
 * how many standalone messages to a number prefix or a country were verified.
 */
export interface ConversionOptions {
  /** Messages by which a number prefix is judged, from 1 to 1000. @default 20 */
  readonly prefixSampleSize?: number;
  /** Messages by which a country is judged, from 1 to 1000. @default 200 */
  readonly countrySampleSize?: number;
  /**
   * The part of `prefixSampleSize` that messages for one client network make up at most on one day, so that one network
   * cannot have a prefix blocked. @default 0.2
   */
  readonly networkSampleShare?: number;
  /** The share of these messages that must be verified, from 0.01 to 1. @default 0.2 */
  readonly minimumConversion?: number;
  /** Seconds after which a message counts, from 0 to 600. @default 300 */
  readonly afterSeconds?: number;
  /** Seconds for which a prefix or a country is blocked, from 1 to 86400. After that it is judged anew. @default 3600 */
  readonly blockSeconds?: number;
  /** Blocks countries too. Otherwise they only cause a `low_conversion` event. @default false */
  readonly blockCountries?: boolean;
}

export interface LimitsConfig {
  readonly standalone: FlowLimitsConfig & { readonly recipientShare: readonly Window[] };
  readonly stepUp: FlowLimitsConfig;
  readonly app: readonly Window[] | undefined;
  readonly numberPrefix: readonly Window[];
  readonly numberPrefixShare: readonly Window[];
  /** Undefined if the conversion guard is off. */
  readonly conversion: ConversionConfig | undefined;
  readonly userFailures: Window;
  readonly consecutiveFailures: number;
  readonly standaloneOverCap: 'one_guess' | 'eight_digits' | 'block';
}

interface FlowLimitsConfig {
  readonly recipient: readonly Window[];
  readonly clientAddress: readonly Window[];
  readonly clientNetwork: readonly Window[];
  readonly app: readonly Window[] | undefined;
}

export type ConversionConfig = Required<ConversionOptions>;

const DAY = 86_400;

const WindowSchema = optionsOf<Window>()({
  max: integer(1, MAX_EVENTS),
  windowSeconds: integer(1, 31 * DAY),
});

const WINDOWS_RULE =
  'must be an array of at least one { max, windowSeconds }, each with another windowSeconds';

const WindowsSchema = v.pipe(
  v.array(WindowSchema, WINDOWS_RULE),
  v.check(
    (windows) =>
      windows.length > 0 &&
      new Set(windows.map(({ windowSeconds }) => windowSeconds)).size === windows.length,
    WINDOWS_RULE,
  ),
  // Gaps end with the first window.
  v.transform((windows) => windows.toSorted((a, b) => a.windowSeconds - b.windowSeconds)),
);

function share() {
  return v.custom<number>(
    (value) => typeof value === 'number' && value >= 0.01 && value <= 1,
    'must be a number from 0.01 to 1',
  );
}

const ConversionSchema = optionsOf<ConversionOptions>()({
  prefixSampleSize: v.optional(integer(1, 1_000), DEFAULT_CONVERSION.prefixSampleSize),
  countrySampleSize: v.optional(integer(1, 1_000), DEFAULT_CONVERSION.countrySampleSize),
  networkSampleShare: v.optional(share(), DEFAULT_CONVERSION.networkSampleShare),
  minimumConversion: v.optional(share(), DEFAULT_CONVERSION.minimumConversion),
  afterSeconds: v.optional(integer(0, 600), DEFAULT_CONVERSION.afterSeconds),
  blockSeconds: v.optional(integer(1, DAY), DEFAULT_CONVERSION.blockSeconds),
  blockCountries: v.optional(boolean(), DEFAULT_CONVERSION.blockCountries),
});

const flowEntries = (defaults: Pick<FlowLimitsConfig, 'recipient' | 'clientAddress'>) => ({
  recipient: v.optional(WindowsSchema, () => [...defaults.recipient]),
  clientAddress: v.optional(WindowsSchema, () => [...defaults.clientAddress]),
  clientNetwork: v.optional(WindowsSchema),
  app: v.optional(WindowsSchema),
});

const StandaloneSchema = optionsOf<StandaloneLimitOptions>()({
  ...flowEntries(DEFAULT_LIMITS.standalone),
  recipientShare: v.optional(WindowsSchema),
});

const StepUpSchema = optionsOf<FlowLimitOptions>()(flowEntries(DEFAULT_LIMITS.stepUp));

const LimitsSchema = optionsOf<LimitOptions>()({
  standalone: v.optional(StandaloneSchema, {}),
  stepUp: v.optional(StepUpSchema, {}),
  app: v.optional(WindowsSchema),
  numberPrefix: v.optional(WindowsSchema, () => [...DEFAULT_LIMITS.numberPrefix]),
  numberPrefixShare: v.optional(WindowsSchema),
  // Not a union: it would not say which rule of the guard is broken.
  conversion: v.optional(
    v.lazy((value) => (value === false ? v.literal(false) : ConversionSchema)),
    {},
  ),
  userFailures: v.optional(WindowSchema, DEFAULT_LIMITS.userFailures),
  consecutiveFailures: v.optional(integer(1, 100), DEFAULT_LIMITS.consecutiveFailures),
  standaloneOverCap: v.optional(oneOf(['one_guess', 'eight_digits', 'block']), 'one_guess'),
});

/**
 * Validates the `limits` option and fills in its defaults.
 *
 * @throws TypeError that names the option and says what to write
 */
export function resolveLimits(options: LimitOptions = {}): LimitsConfig {
  const parsed = parseOptions(LimitsSchema, options, 'limits');
  const { app, conversion, numberPrefix } = parsed;
  return {
    ...parsed,
    app,
    standalone: {
      ...resolveFlow(parsed.standalone),
      recipientShare:
        parsed.standalone.recipientShare ??
        parsed.standalone.recipient.map((each) => scale(each, NETWORK_SHARE)),
    },
    stepUp: resolveFlow(parsed.stepUp),
    numberPrefixShare:
      parsed.numberPrefixShare ?? numberPrefix.map((each) => scale(each, NETWORK_SHARE)),
    conversion: conversion === false ? undefined : conversion,
  };
}

function resolveFlow({
  recipient,
  clientAddress,
  clientNetwork = clientAddress.map((each) => scale(each, NETWORK_FACTOR)),
  app,
}: v.InferOutput<typeof StepUpSchema>): FlowLimitsConfig {
  return { recipient, clientAddress, clientNetwork, app };
}
