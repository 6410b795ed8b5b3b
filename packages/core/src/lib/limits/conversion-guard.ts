import type { Emit } from '../events.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import { createOp } from '../keys/randomness.js';
import type {
  Flow,
  Limit,
  NewRecord,
  Randomness,
  Refused,
  Tallied,
  Tally,
  UseStore,
} from '../ports.js';
import { describeError } from '../redact.js';
import { countryKeys, type KeyContext, prefixKeys } from './limit-keys.js';
import type { ConversionConfig, LimitsConfig } from './limit-options.js';
import { isCharged } from './refunds.js';
import { toRefused } from './refusal.js';

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

/** The limits by which these groups refuse a create. */
export function blocksOf(groups: readonly ConversionGroup[]): Limit[] {
  return groups.filter(({ isBlocking }) => isBlocking).map(({ block }) => block);
}

/** What `OtpStore.tally` is called with. Without `counted` it only reads. */
export function toTallies(
  groups: readonly ConversionGroup[],
  counted: Partial<Pick<Tally, 'sent' | 'verified'>> = {},
): Tally[] {
  const { sent = 0, verified = 0 } = counted;
  return groups.map(({ key, at, until, enough }) => ({ key, at, sent, verified, until, enough }));
}

interface GuardContext {
  readonly store: UseStore;
  readonly config: { readonly emit: Emit; readonly random: Randomness };
}

export interface Opening {
  readonly record: NewRecord;
  readonly limits: readonly Limit[];
  readonly groups: readonly ConversionGroup[];
}

/**
 * Opens a verification and reads the tallies of its groups, both in one wait. If too few messages of a group were
 * verified, or the tallies cannot be read, the verification is undone.
 */
export async function openGuarded(
  context: GuardContext,
  { record, limits, groups }: Opening,
): Promise<{ ok: true } | Refused> {
  const { store } = context;
  if (groups.length === 0) return store((each) => each.open(record, limits));
  const [opened, tallied] = await store((each) => {
    // Async, so that a store that throws at once leaves no unhandled rejection of the other call.
    const tally = async () => each.tally(toTallies(groups));
    return Promise.allSettled([each.open(record, limits), tally()]);
  });
  if (opened.status === 'rejected') throw opened.reason;
  if (!opened.value.ok) return opened.value;
  const undo = () => store((each) => each.cancel(record.id, 1, limits.filter(isCharged)));
  if (tallied.status === 'rejected') {
    await undo();
    throw tallied.reason;
  }
  const refused = await judge(context, groups, tallied.value).catch(async (error) => {
    await undo();
    throw error;
  });
  if (refused === undefined) return opened.value;
  await undo();
  return refused;
}

async function judge(
  context: GuardContext,
  groups: readonly ConversionGroup[],
  tallied: readonly Tallied[],
): Promise<Refused | undefined> {
  let refused: Refused | undefined;
  for (const [index, group] of groups.entries()) {
    const counts = tallied[index];
    if (counts === undefined || !isLow(group, counts)) continue;
    const blocked = await block(context, group, counts);
    if (group.isBlocking) refused ??= blocked;
  }
  return refused;
}

function isLow(
  { enough, minimumConversion }: ConversionGroup,
  { sent, verified }: Tallied,
): boolean {
  return sent >= enough && verified < sent * minimumConversion;
}

/**
 * Charges the block. Of all requests that do so at once, one succeeds: it emits the event and resets the tally, so that
 * after the block the same messages do not block again.
 */
async function block(
  { config, store }: GuardContext,
  { key, country, block: limit, isBlocking }: ConversionGroup,
  { sent, verified }: Tallied,
): Promise<Refused> {
  const charged = await store((each) => each.charge([{ ...limit, cost: 1 }], createOp(config)));
  if (!charged.ok) return charged;
  const group =
    country === undefined
      ? ({ of: 'number_prefix' } as const)
      : ({ of: 'country', country } as const);
  config.emit({ type: 'low_conversion', ...group, sent, verified, isBlocked: isBlocking });
  await store((each) => each.reset([key])).catch((error) =>
    config.emit({ type: 'fault', during: 'store', error: describeError(error) }),
  );
  return toRefused(limit.name, (limit.windows[0]?.windowSeconds ?? 0) * 1000);
}
