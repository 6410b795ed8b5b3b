import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { ConversionConfig, LimitsConfig } from '../limit-options/limit-options.js';
import { scale } from '../limit-options/windows.js';
import type { Flow, Limit, Tallied, Tally } from '../ports.js';
import { networkOf } from './client-address.js';
import { countryKeys, type KeyContext, networkShare, prefixKeys } from './limit-keys.js';

/*
 * The conversion guard: a number prefix or a country whose messages are seldom verified gets no more of them for a while.
 * Trade-off: legitimate users in a blocked prefix cannot receive codes until the block ends.
 */

/** The messages that are judged together: those to a number prefix, or to a country. */
export interface ConversionGroup extends Pick<Tally, 'key' | 'at' | 'until' | 'enough'> {
  /** Undefined for a number prefix. */
  readonly country: string | undefined;
  readonly minimumConversion: number;
  /** A limit of one, charged when too few messages were verified. Every create asks whether it has room. */
  readonly block: Limit;
  /** Whether the block refuses creates; otherwise it only stops further events. */
  readonly isBlocking: boolean;
}

const DAY_SECONDS = 86_400;

/** Messages to a country are tallied in steps, because there may be many at any time. */
const COUNTRY_STEP_SECONDS = 10;

interface GroupsInput {
  readonly flow: Flow;
  readonly identifier: NormalizedIdentifier;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The time in seconds at which the message was opened. @default now */
  readonly countedAt?: number;
}

/**
 * The groups of a message: none in a step-up, which needs a signed token, and none for an e-mail, which costs next to
 * nothing.
 */
export function conversionGroups(
  context: KeyContext & { readonly limits: LimitsConfig | undefined },
  { flow, identifier, now, countedAt = Math.floor(now / 1000) }: GroupsInput,
): ConversionGroup[] {
  const config = context.limits?.conversion;
  const { type, value, country } = identifier;
  if (config === undefined || flow !== 'standalone' || type !== 'phone_number') return [];
  const until = Math.floor(now / 1000) - config.afterSeconds;
  const ofPrefix = createGroup(config, prefixKeys(context, value), {
    at: countedAt,
    until,
    enough: config.prefixSampleSize,
    country: undefined,
    isBlocking: true,
  });
  if (country === undefined) return [ofPrefix];
  const ofCountry = createGroup(config, countryKeys(context, country), {
    at: countedAt - (countedAt % COUNTRY_STEP_SECONDS),
    until,
    enough: config.countrySampleSize,
    country,
    isBlocking: config.blockCountries,
  });
  return [ofPrefix, ofCountry];
}

function createGroup(
  { minimumConversion, blockSeconds }: ConversionConfig,
  keys: { readonly tally: string; readonly block: string },
  group: Omit<ConversionGroup, 'key' | 'minimumConversion' | 'block'>,
): ConversionGroup {
  const windows = [{ max: 1, windowSeconds: blockSeconds }];
  const block: Limit = { key: keys.block, name: 'conversion', windows, cost: 0 };
  return { ...group, key: keys.tally, minimumConversion, block };
}

/**
 * Bounds the messages of one client network among those by which a number prefix is judged, so that one network cannot
 * have a prefix blocked.
 *
 * @returns undefined if there is no prefix to judge, or no client address
 */
export function sampleShare(
  context: KeyContext & { readonly limits: LimitsConfig | undefined },
  { identifier, bucket }: { readonly identifier: NormalizedIdentifier; readonly bucket: string },
): Limit | undefined {
  const config = context.limits?.conversion;
  const network = networkOf(bucket);
  if (config === undefined || network === undefined) return undefined;
  const { sample } = prefixKeys(context, identifier.value);
  const all = { max: config.prefixSampleSize, windowSeconds: DAY_SECONDS };
  const windows = [scale(all, config.networkSampleShare)];
  // A key of its own, not a share: so many networks have messages that a store should not keep them in one place.
  return {
    key: `${sample}:${networkShare(context, sample, network)}`,
    name: 'conversion',
    windows,
  };
}

/** The limits by which these groups refuse a create. */
export function blocksOf(groups: readonly ConversionGroup[]): Limit[] {
  return groups.filter(({ isBlocking }) => isBlocking).map(({ block }) => block);
}

export function toTallies(groups: readonly ConversionGroup[]): Tally[] {
  return groups.map(({ key, at, until, enough }) => ({ key, at, until, enough }));
}

/** Whether too few of the messages that are judged were verified. */
export function isLow(
  { enough, minimumConversion }: ConversionGroup,
  { sent, verified }: Tallied,
): boolean {
  return sent >= enough && verified < sent * minimumConversion;
}
