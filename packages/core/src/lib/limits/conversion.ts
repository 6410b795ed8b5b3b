import type { ConversionConfig, OtpConfig } from '../config.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import { deriveName } from '../keys/derive.js';
import type { Flow, Identifier, Limit, Tally } from '../ports.js';

/** What standalone messages to one phone number are counted with, so that many numbers are no way round limits. */
export interface Watched {
  /** The name of the number's prefix in the store. */
  readonly prefix: string;
  /** Whose share of successes is watched; none where the conversion guard is off. */
  readonly groups: readonly WatchedGroup[];
}

export interface WatchedGroup extends Pick<Tally, 'key' | 'at' | 'until' | 'enough'> {
  /** Undefined: the numbers of a prefix. */
  readonly country: string | undefined;
  readonly minimumConversion: number;
  /** A limit of one, which every create asks for, and which is charged when too few were verified. */
  readonly block: Limit;
  /** Whether a create is then refused, or an event alone tells of it. */
  readonly isBlocking: boolean;
}

/** Numbers that differ in these digits alone have one prefix. */
const SUBSCRIBER_DIGITS = 4;
/** How far messages to a country are told apart: there may be many at any time. */
const COUNTRY_STEP_SECONDS = 10;

interface WatchInput {
  readonly flow: Flow;
  readonly identifier: NormalizedIdentifier;
  /** In milliseconds. */
  readonly now: number;
  /** When the message was opened, in seconds. @default now */
  readonly countedAt?: number;
}

/** Undefined where nothing is watched: step-ups need a signed token, and an e-mail costs next to nothing. */
export function watch(
  config: OtpConfig,
  { flow, identifier, now, countedAt = Math.floor(now / 1000) }: WatchInput,
): Watched | undefined {
  const { appKey, limits } = config;
  const { type, value, country } = identifier;
  if (limits === undefined || flow !== 'standalone' || type !== 'phone_number') return undefined;
  const prefix = prefixName(config, value);
  const { conversion } = limits;
  if (conversion === undefined) return { prefix, groups: [] };
  const { afterSeconds, prefixSampleSize, countrySampleSize, blockCountries } = conversion;
  const until = Math.floor(now / 1000) - afterSeconds;
  // Objects written out, here and below: spreading costs as much as all the rest of a create's limits.
  const groups = [
    createGroup(conversion, prefix, undefined, {
      at: countedAt,
      until,
      enough: prefixSampleSize,
      isBlocking: true,
    }),
  ];
  if (country !== undefined) {
    // A dot is in no other key.
    groups.push(
      createGroup(conversion, `${appKey}.${country}`, country, {
        at: countedAt - (countedAt % COUNTRY_STEP_SECONDS),
        until,
        enough: countrySampleSize,
        isBlocking: blockCountries,
      }),
    );
  }
  return { prefix, groups };
}

function prefixName({ appId, keyring }: OtpConfig, number: string): string {
  const digits = number.slice(0, -SUBSCRIBER_DIGITS);
  return deriveName(keyring.limits, ['otp/prefix/v1', appId, digits]);
}

/** Every key that is counted or blocked for the prefix of a number. */
export function prefixKeys(config: OtpConfig, { type, value }: Identifier): string[] {
  if (type !== 'phone_number') return [];
  const prefix = prefixName(config, value);
  return ['p', 'n', 'b'].map((kind) => `${kind}:${prefix}`);
}

export function toTallies(
  { groups }: Watched,
  { sent = 0, verified = 0 }: Partial<Pick<Tally, 'sent' | 'verified'>>,
): Tally[] {
  return groups.map(({ key, at, until, enough }) => ({ key, at, sent, verified, until, enough }));
}

function createGroup(
  { minimumConversion, blockSeconds }: ConversionConfig,
  name: string,
  country: string | undefined,
  { at, until, enough, isBlocking }: Pick<WatchedGroup, 'at' | 'until' | 'enough' | 'isBlocking'>,
): WatchedGroup {
  return {
    key: `n:${name}`,
    at,
    until,
    enough,
    country,
    minimumConversion,
    isBlocking,
    block: {
      key: `b:${name}`,
      name: 'conversion',
      windows: [{ max: 1, windowSeconds: blockSeconds }],
      cost: 0,
    },
  };
}
