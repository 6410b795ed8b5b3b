import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import {
  BLOCK_OVER_CAP_SECONDS,
  CONSECUTIVE_FAILURES_SECONDS,
  NO_MAXIMUM,
} from '../limit-options/default-limits.js';
import type { LimitsConfig } from '../limit-options/limit-options.js';
import { reservedPart, sharedPart } from '../limit-options/windows.js';
import type { Flow, Identifier, Limit, Window } from '../ports.js';
import {
  challengeCreates,
  challengeFailures,
  recipientTrials,
  userConsecutiveFailures,
  userFailures,
  withoutCost,
} from './challenge-limits.js';
import { addressBucket, isPrivateBucket, NO_ADDRESS, networkOf, siteOf } from './client-address.js';
import {
  addressKey,
  appKey,
  type KeyContext,
  networkShare,
  prefixKeys,
  recipientFailuresKey,
  recipientKey,
} from './limit-keys.js';

export interface LimitsContext extends KeyContext {
  readonly issuer: string;
  /** Undefined if they are lifted. What belongs to a challenge token stays. */
  readonly limits: LimitsConfig | undefined;
  /** The least times between the creates for a recipient. */
  readonly gapsSeconds: readonly number[];
  readonly warn: (warning: 'no_client_address' | 'private_client_address') => void;
}

/** The client of a create. */
export interface CreateClient {
  /** As `addressBucket` returns it. */
  readonly bucket: string;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
  /** Whether the request names a recipient beside the token. */
  readonly namesRecipient: boolean;
}

/**
 * Limits by which a client is known: the token of a step-up, and the client address. They bound how often the functions of
 * the host are called, so they are charged before them.
 */
export function clientLimits(context: LimitsContext, client: CreateClient): Limit[] {
  const { challenge } = client;
  const { limits } = context;
  const ofToken =
    challenge === undefined
      ? []
      : [
          withoutCost(tokenUsed(challenge)),
          withoutCost(challengeFailures(challenge)),
          challengeCreates(challenge),
        ];
  if (limits === undefined) return ofToken;
  const ofUser =
    challenge === undefined
      ? []
      : [
          withoutCost(userFailures(context, challenge, limits.userFailures)),
          ...(client.namesRecipient
            ? [recipientTrials(context, challenge, limits.userFailures)]
            : []),
        ];
  return [...ofToken, ...ofUser, ...addressLimits(context, limits, client)];
}

export interface CreateMessage extends Omit<CreateClient, 'namesRecipient'> {
  readonly identifier: Identifier;
  /** The limits by which the conversion guard blocks. */
  readonly blocks: readonly Limit[];
}

/** Limits of what is sent: by recipient, number prefix and app. */
export function messageLimits(context: LimitsContext, message: CreateMessage): Limit[] {
  const { limits } = context;
  if (limits === undefined) return [];
  const { identifier, bucket } = message;
  const flow = flowOf(message.challenge);
  return [
    ...failureCaps(context, limits, message),
    ...recipientBudget(context, limits, { flow, identifier, bucket }),
    ...prefixLimits(context, limits, message),
    ...message.blocks,
    ...appLimits(context, limits, flow),
  ];
}

/** The limits of a create of which a success gives back an event. */
export function limitsOfSuccess(
  context: LimitsContext,
  { flow, identifier, bucket }: { flow: Flow; identifier: Identifier; bucket: string },
): Limit[] {
  const { limits } = context;
  if (limits === undefined) return [];
  return [
    ...recipientBudget(context, limits, { flow, identifier, bucket }),
    addressLimit(context, limits, { flow, bucket }),
  ];
}

/** The bucket of a client address; warns if it says nothing about the client. */
export function clientBucket(
  { limits, warn }: Pick<LimitsContext, 'limits' | 'warn'>,
  clientAddress: string | undefined,
): string {
  const bucket = addressBucket(clientAddress);
  if (limits === undefined) return bucket;
  if (bucket === NO_ADDRESS) warn('no_client_address');
  else if (isPrivateBucket(bucket)) warn('private_client_address');
  return bucket;
}

/** The caps on wrong codes in a row; not one for a standalone recipient unless the host has chosen to block it. */
function failureCaps(
  context: LimitsContext,
  limits: LimitsConfig,
  { identifier, challenge }: CreateMessage,
): Limit[] {
  if (challenge !== undefined) {
    const max = limits.consecutiveFailures;
    return userConsecutiveFailures(context, { challenge, identifier }, max).map(withoutCost);
  }
  return limits.standaloneOverCap === 'block' ? [recipientCap(context, identifier, limits)] : [];
}

/** The cap on wrong codes in a row for a standalone recipient; only asked whether it has room. */
export function recipientCap(
  context: LimitsContext,
  identifier: Identifier,
  { consecutiveFailures, standaloneOverCap }: LimitsConfig,
): Limit {
  const max = standaloneOverCap === 'block' ? NO_MAXIMUM : consecutiveFailures;
  return withoutCost({ ...recipientFailures(context, identifier), windows: [ofYear(max)] });
}

/** The wrong codes in a row for a standalone recipient. */
export function recipientFailures(
  context: KeyContext & Pick<LimitsContext, 'limits'>,
  identifier: Identifier,
): Limit {
  const key = recipientFailuresKey(context, identifier);
  const limit: Limit = { key, name: 'consecutive_failures', windows: [ofYear(NO_MAXIMUM)] };
  const { limits } = context;
  if (limits?.standaloneOverCap !== 'block') return limit;
  // From the cap on, each wrong code blocks the recipient for a day.
  const noGaps = new Array<number>(limits.consecutiveFailures - 1).fill(0);
  return { ...limit, gapsSeconds: [...noGaps, BLOCK_OVER_CAP_SECONDS] };
}

const ofYear = (max: number): Window => ({ max, windowSeconds: CONSECUTIVE_FAILURES_SECONDS });

/**
 * The budget of a recipient, and in the standalone flow the share of the client's network in it. The share comes first: its
 * refusal tells the client when it may ask again itself. Where there is one, it has the gaps.
 */
function recipientBudget(
  context: LimitsContext,
  { standalone, stepUp }: LimitsConfig,
  { flow, identifier, bucket }: { flow: Flow; identifier: Identifier; bucket: string },
): Limit[] {
  const { gapsSeconds } = context;
  const key = recipientKey(context, flow, identifier);
  const name = 'recipient';
  if (flow === 'step-up') return [{ key, name, windows: stepUp.recipient, gapsSeconds }];
  const { recipient: windows, recipientShare } = standalone;
  const network = networkOf(bucket);
  if (network === undefined) return [{ key, name, windows, gapsSeconds }];
  const share = networkShare(context, key, network);
  return [
    { key, share, name: 'recipient_share', windows: recipientShare, gapsSeconds },
    { key, name, windows },
  ];
}

function addressLimits(
  context: LimitsContext,
  limits: LimitsConfig,
  { bucket, challenge }: CreateClient,
): Limit[] {
  const flow = flowOf(challenge);
  const ofAddress = addressLimit(context, limits, { flow, bucket });
  const site = siteOf(bucket);
  if (site === undefined) return [ofAddress];
  const key = addressKey(context, flow, site);
  return [ofAddress, { key, name: 'client_network', windows: ofFlow(limits, flow).clientNetwork }];
}

function addressLimit(
  context: LimitsContext,
  limits: LimitsConfig,
  { flow, bucket }: { flow: Flow; bucket: string },
): Limit {
  const windows = ofFlow(limits, flow).clientAddress;
  return { key: addressKey(context, flow, bucket), name: 'client_address', windows };
}

/** Step-ups are not counted: they need a signed token. */
function prefixLimits(
  context: LimitsContext,
  { numberPrefix, numberPrefixShare }: LimitsConfig,
  { identifier, challenge, bucket }: CreateMessage,
): Limit[] {
  if (challenge !== undefined || identifier.type !== 'phone_number') return [];
  const { creates: key } = prefixKeys(context, identifier.value);
  const all: Limit = { key, name: 'number_prefix', windows: numberPrefix };
  const network = networkOf(bucket);
  if (network === undefined) return [all];
  const share = networkShare(context, key, network);
  return [{ key, share, name: 'number_prefix_share', windows: numberPrefixShare }, all];
}

function appLimits(context: LimitsContext, limits: LimitsConfig, flow: Flow): Limit[] {
  const { app } = limits;
  const name = 'app';
  const own = ofFlow(limits, flow).app;
  const ofOwn =
    own === undefined ? [] : [{ key: appKey(context, flow), name, windows: own } as const];
  if (app === undefined) return ofOwn;
  return [...ofOwn, { key: appKey(context), name, windows: app.map(sharedPart) }];
}

/**
 * What `limits.app` keeps for step-ups. A step-up is charged here once the part that both flows share is used up: a share
 * of one budget would not do, since two windows of the share can fall into one window of the budget.
 */
export function appReserve(context: LimitsContext): Limit | undefined {
  const windows = (context.limits?.app ?? []).map(reservedPart).filter(({ max }) => max > 0);
  if (windows.length === 0) return undefined;
  return { key: `${appKey(context)}:step-up`, name: 'app', windows };
}

function ofFlow({ standalone, stepUp }: LimitsConfig, flow: Flow) {
  return flow === 'standalone' ? standalone : stepUp;
}
