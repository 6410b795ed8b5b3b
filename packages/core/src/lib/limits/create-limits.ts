import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import type { Warning } from '../events.js';
import type { Identifier, Limit } from '../ports.js';
import {
  challengeCreates,
  challengeFailures,
  userFailures,
  withoutCost,
} from './challenge-limits.js';
import { addressBucket, isPrivateBucket, NO_ADDRESS, networkOf } from './client-address.js';
import { CONSECUTIVE_FAILURES_SECONDS } from './default-limits.js';
import {
  addressKey,
  appKey,
  consecutiveFailuresKey,
  type KeyContext,
  prefixKeys,
  recipientKey,
} from './limit-keys.js';
import type { LimitsConfig } from './limit-options.js';

export interface LimitsContext extends KeyContext {
  readonly issuer: string;
  /** Undefined if they are lifted. What belongs to a challenge token stays. */
  readonly limits: LimitsConfig | undefined;
  /** The least times between the creates for a recipient. */
  readonly gapsSeconds: readonly number[];
  readonly warn: (warning: Warning) => void;
}

export interface CreateLimitsInput {
  readonly identifier: Identifier;
  readonly clientAddress: string | undefined;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
  /** The limits by which the conversion guard blocks. */
  readonly blocks: readonly Limit[];
}

/** The limits of a create, in the order in which they refuse. */
export function createLimits(context: LimitsContext, input: CreateLimitsInput): Limit[] {
  const { challenge } = input;
  const { limits } = context;
  const ofChallenge = challenge === undefined ? [] : challengeLimits(challenge);
  if (limits === undefined) return ofChallenge;
  return [
    ...ofChallenge,
    ...(challenge === undefined
      ? []
      : [withoutCost(userFailures(context, challenge, limits.userFailures))]),
    ...recipientLimits(context, limits, input),
    ...addressLimits(context, limits, input),
    ...prefixLimits(context, limits, input),
    ...input.blocks,
    ...appLimits(context, limits),
  ];
}

function challengeLimits(challenge: Challenge): Limit[] {
  return [
    withoutCost(tokenUsed(challenge)),
    withoutCost(challengeFailures(challenge)),
    challengeCreates(challenge),
  ];
}

function recipientLimits(
  context: LimitsContext,
  { consecutiveFailures, recipient }: LimitsConfig,
  { identifier, challenge }: CreateLimitsInput,
): Limit[] {
  const flow = flowOf(challenge);
  return [
    {
      key: consecutiveFailuresKey(context, flow, identifier),
      name: 'consecutive_failures',
      windows: [{ max: consecutiveFailures, windowSeconds: CONSECUTIVE_FAILURES_SECONDS }],
      cost: 0,
    },
    {
      key: recipientKey(context, flow, identifier),
      name: 'recipient',
      windows: recipient,
      gapsSeconds: context.gapsSeconds,
    },
  ];
}

/** Both flows share these: they limit the client, who may have any number of recipients. */
function addressLimits(
  context: LimitsContext,
  limits: LimitsConfig,
  { clientAddress }: CreateLimitsInput,
): Limit[] {
  const bucket = addressBucket(clientAddress);
  if (bucket === NO_ADDRESS) context.warn('no_client_address');
  else if (isPrivateBucket(bucket)) context.warn('private_client_address');
  const ofAddress: Limit = {
    key: addressKey(context, bucket),
    name: 'client_address',
    windows: limits.clientAddress,
  };
  const network = networkOf(bucket);
  if (network === undefined) return [ofAddress];
  const key = addressKey(context, network);
  return [ofAddress, { key, name: 'client_network', windows: limits.clientNetwork }];
}

/** Step-ups are not counted: they need a signed token. */
function prefixLimits(
  context: LimitsContext,
  { numberPrefix }: LimitsConfig,
  { identifier, challenge }: CreateLimitsInput,
): Limit[] {
  if (challenge !== undefined || identifier.type !== 'phone_number') return [];
  const { creates } = prefixKeys(context, identifier.value);
  return [{ key: creates, name: 'number_prefix', windows: numberPrefix }];
}

function appLimits(context: LimitsContext, { app }: LimitsConfig): Limit[] {
  return app === undefined ? [] : [{ key: appKey(context), name: 'app', windows: app }];
}
