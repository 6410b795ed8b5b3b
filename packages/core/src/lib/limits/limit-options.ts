import * as v from 'valibot';
import type { Window } from '../ports.js';
import { boolean, integer, optionsOf, parseOptions } from '../util/schema.js';
import { DEFAULT_CONVERSION, DEFAULT_LIMITS, NETWORK_FACTOR } from './default-limits.js';

/** The limits of a service. A list of windows replaces the default windows; an event needs room in each. */
export interface LimitOptions {
  /** Creates for one recipient, in each flow. @default 5 an hour, 10 a day */
  readonly recipient?: readonly Window[];
  /** Creates by one client address, or one IPv6 /64. @default 30 in ten minutes, 100 an hour */
  readonly clientAddress?: readonly Window[];
  /** Creates by one IPv6 /48. @default five times `clientAddress` */
  readonly clientNetwork?: readonly Window[];
  /** Standalone creates for phone numbers that differ only in their last four digits. @default 30 an hour */
  readonly numberPrefix?: readonly Window[];
  /** Creates of the whole app in both flows, which caps its cost. Without it, a `warning` event is emitted. @default none */
  readonly app?: readonly Window[];
  /** Blocks number prefixes whose codes are not entered; `false` turns the guard off. @default as `ConversionOptions` */
  readonly conversion?: ConversionOptions | false;
  /** Wrong codes of one user, over all challenges. @default 20 a day */
  readonly userFailures?: Window;
  /** Wrong codes in a row for one recipient, from 1 to 100. At that number, creates for it are refused. @default 100 */
  readonly consecutiveFailures?: number;
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
  readonly recipient: readonly Window[];
  readonly clientAddress: readonly Window[];
  readonly clientNetwork: readonly Window[];
  readonly numberPrefix: readonly Window[];
  readonly app: readonly Window[] | undefined;
  /** Undefined if the conversion guard is off. */
  readonly conversion: ConversionConfig | undefined;
  readonly userFailures: Window;
  readonly consecutiveFailures: number;
}

export type ConversionConfig = Required<ConversionOptions>;

const DAY = 86_400;
const MAX_EVENTS = 1_000_000_000;

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
);

const ConversionSchema = optionsOf<ConversionOptions>()({
  prefixSampleSize: v.optional(integer(1, 1_000), DEFAULT_CONVERSION.prefixSampleSize),
  countrySampleSize: v.optional(integer(1, 1_000), DEFAULT_CONVERSION.countrySampleSize),
  minimumConversion: v.optional(
    v.custom<number>(
      (value) => typeof value === 'number' && value >= 0.01 && value <= 1,
      'must be a number from 0.01 to 1',
    ),
    DEFAULT_CONVERSION.minimumConversion,
  ),
  afterSeconds: v.optional(integer(0, 600), DEFAULT_CONVERSION.afterSeconds),
  blockSeconds: v.optional(integer(1, DAY), DEFAULT_CONVERSION.blockSeconds),
  blockCountries: v.optional(boolean(), DEFAULT_CONVERSION.blockCountries),
});

const LimitsSchema = optionsOf<LimitOptions>()({
  recipient: v.optional(WindowsSchema, () => [...DEFAULT_LIMITS.recipient]),
  clientAddress: v.optional(WindowsSchema, () => [...DEFAULT_LIMITS.clientAddress]),
  clientNetwork: v.optional(WindowsSchema),
  numberPrefix: v.optional(WindowsSchema, () => [...DEFAULT_LIMITS.numberPrefix]),
  app: v.optional(WindowsSchema),
  // Not a union: it would not say which rule of the guard is broken.
  conversion: v.optional(
    v.lazy((value) => (value === false ? v.literal(false) : ConversionSchema)),
    {},
  ),
  userFailures: v.optional(WindowSchema, DEFAULT_LIMITS.userFailures),
  consecutiveFailures: v.optional(integer(1, 100), DEFAULT_LIMITS.consecutiveFailures),
});

/**
 * Validates the `limits` option and fills in its defaults.
 *
 * @throws TypeError that names the option and says what to write
 */
export function resolveLimits(options: LimitOptions = {}): LimitsConfig {
  const parsed = parseOptions(LimitsSchema, options, 'limits');
  const { app, clientAddress, clientNetwork, conversion } = parsed;
  return {
    ...parsed,
    app,
    clientNetwork: clientNetwork ?? clientAddress.map(toNetworkWindow),
    conversion: conversion === false ? undefined : conversion,
  };
}

function toNetworkWindow({ max, windowSeconds }: Window): Window {
  return { max: Math.min(MAX_EVENTS, max * NETWORK_FACTOR), windowSeconds };
}
