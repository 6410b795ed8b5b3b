import { type ChallengeClaims, type OtpStepKey, subjectIssuer } from '../challenge/claims.js';
import type { LimitsConfig, OtpConfig } from '../config.js';
import { type NormalizedIdentifier, velocityName } from '../identifier/identifier.js';
import { deriveName, digest } from '../keys/derive.js';
import type { Flow, Identifier, Limit, Window } from '../ports.js';
import { addressBucket, isPrivateBucket, NO_ADDRESS, networkOf } from './client-address.js';
import { prefixKeys, type Watched } from './conversion.js';

/** A challenge token that was verified, with the name that limits and records know it by. */
export interface Challenge {
  readonly claims: ChallengeClaims & { readonly sub: string };
  readonly step: OtpStepKey;
  /** Whom the token names for its step; undefined: the host looks it up. */
  readonly recipient: NormalizedIdentifier | undefined;
  /** Made of `iss` and `jti`, which identify a token whatever its spelling. */
  readonly name: string;
  readonly secondsToRemember: number;
}

const CHALLENGE_CREATES = 5;
const CHALLENGE_FAILURES = 5;
const YEAR_SECONDS = 365 * 24 * 60 * 60;
/** Counts without ever refusing: a live verification of the owner still passes. */
const NO_MAXIMUM = 2 ** 31 - 1;

export function challengeName(
  config: OtpConfig,
  { iss, jti }: { iss: string; jti: string },
): string {
  return digest(['otp/token/v1', config.appId, iss, jti]);
}

/** A token is used up as an event is: by a limit of one. */
export function tokenUsed(name: string, windowSeconds: number): Limit {
  return { key: `t:${name}`, name: 'token_used', windows: [{ max: 1, windowSeconds }] };
}

/** Also of those that fail: a provider must not be asked without end for one that it cannot send. */
const SEND_ATTEMPTS = { max: 20, windowSeconds: 600 };

/** What a retry is charged beside the sends of its verification, which a failed one gives back. */
export function sendAttempts(id: string): Limit {
  return { key: `r:${id}`, name: 'sends', windows: [SEND_ATTEMPTS] };
}

/** Others only ask whether there is room. */
export function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}

export interface CreateLimitsInput {
  readonly flow: Flow;
  readonly identifier: Identifier;
  readonly clientAddress: string | undefined;
  readonly challenge: Challenge | undefined;
  /** What a phone number is watched by; see `watch`. */
  readonly watched?: Watched | undefined;
}

/** What a create is charged, in the order in which refusals are reported. */
export function createLimits(config: OtpConfig, input: CreateLimitsInput): Limit[] {
  const { flow, identifier, clientAddress, challenge, watched } = input;
  const list: Limit[] = [];
  if (challenge !== undefined) {
    list.push(
      { ...tokenUsed(challenge.name, challenge.secondsToRemember), cost: 0 },
      { ...challengeFailures(challenge), cost: 0 },
      {
        key: `c:${challenge.name}`,
        name: 'challenge',
        windows: [{ max: CHALLENGE_CREATES, windowSeconds: challenge.secondsToRemember }],
      },
    );
  }
  const { limits } = config;
  if (limits === undefined) return list;

  if (challenge !== undefined)
    list.push({ ...userFailures(config, challenge, limits.userFailures), cost: 0 });
  const recipient = recipientName(config, flow, identifier);
  list.push(
    {
      key: `f:${recipient}`,
      name: 'consecutive_failures',
      windows: [{ max: limits.consecutiveFailures, windowSeconds: YEAR_SECONDS }],
      cost: 0,
    },
    {
      key: recipient,
      name: 'recipient',
      windows: limits.recipient,
      gapsSeconds: config.createGapsSeconds,
    },
    ...addressLimits(config, limits, clientAddress),
  );
  if (watched !== undefined) list.push(...prefixLimits(limits, watched));
  if (limits.app !== undefined) {
    list.push({ key: `a:${config.appKey}`, name: 'app', windows: limits.app });
  }
  return list;
}

function addressLimits(
  config: OtpConfig,
  { clientAddress: windows, clientNetwork }: LimitsConfig,
  clientAddress: string | undefined,
): Limit[] {
  const bucket = addressBucket(clientAddress);
  if (bucket === NO_ADDRESS) config.warn('no_client_address');
  else if (isPrivateBucket(bucket)) config.warn('private_client_address');
  const list: Limit[] = [{ key: addressName(config, bucket), name: 'client_address', windows }];
  const network = networkOf(bucket);
  if (network !== undefined) {
    const key = addressName(config, network);
    list.push({ key, name: 'client_network', windows: clientNetwork });
  }
  return list;
}

function prefixLimits({ numberPrefix }: LimitsConfig, { prefix, groups }: Watched): Limit[] {
  const list: Limit[] = [{ key: `p:${prefix}`, name: 'number_prefix', windows: numberPrefix }];
  for (const { isBlocking, block } of groups) if (isBlocking) list.push(block);
  return list;
}

/** What a check is charged before the code is compared, whatever the code turns out to be. */
export function checkLimits(
  config: OtpConfig,
  { identifier, challenge }: { identifier: Identifier; challenge: Challenge | undefined },
): Limit[] {
  const list: Limit[] = [];
  if (challenge !== undefined) {
    list.push(
      { ...tokenUsed(challenge.name, challenge.secondsToRemember), cost: 0 },
      challengeFailures(challenge),
    );
  }
  const { limits } = config;
  if (limits === undefined) return list;
  if (challenge !== undefined) list.push(userFailures(config, challenge, limits.userFailures));
  list.push({
    key: `f:${recipientName(config, flowOf(challenge), identifier)}`,
    name: 'consecutive_failures',
    windows: [{ max: NO_MAXIMUM, windowSeconds: YEAR_SECONDS }],
  });
  return list;
}

/** What a success takes back: only failures count against a user, and only those in a row. */
export function successReliefs(charged: readonly Limit[]): { refund: Limit[]; reset: string[] } {
  return {
    refund: charged.filter(({ name }) => name === 'user'),
    reset: charged.filter(({ name }) => name === 'consecutive_failures').map(({ key }) => key),
  };
}

/** Every key that is counted for a recipient, in both flows, and for the prefix of a number. */
export function recipientKeys(config: OtpConfig, identifier: Identifier): string[] {
  const own = (['standalone', 'step-up'] as const).flatMap((flow) => {
    const recipient = recipientName(config, flow, identifier);
    return [recipient, `f:${recipient}`];
  });
  return [...own, ...prefixKeys(config, identifier)];
}

export function flowOf(challenge: Challenge | undefined): Flow {
  return challenge === undefined ? 'standalone' : 'step-up';
}

/** Each flow counts for itself, so that strangers cannot use up what a signed-in user needs. */
function recipientName(config: OtpConfig, flow: Flow, identifier: Identifier): string {
  const { appId, keyring } = config;
  const parts = ['otp/recipient/v1', appId, flow, identifier.type, velocityName(identifier)];
  return deriveName(keyring.limits, parts);
}

function addressName(config: OtpConfig, bucket: string): string {
  return deriveName(config.keyring.limits, ['otp/address/v1', config.appId, bucket]);
}

function challengeFailures({ name, secondsToRemember }: Challenge): Limit {
  return {
    key: `w:${name}`,
    name: 'challenge',
    windows: [{ max: CHALLENGE_FAILURES, windowSeconds: secondsToRemember }],
  };
}

function userFailures(config: OtpConfig, { claims }: Challenge, window: Window): Limit {
  const user = deriveName(config.keyring.limits, [
    'otp/user/v1',
    config.appId,
    subjectIssuer(claims, config.issuer),
    claims.sub,
  ]);
  return { key: user, name: 'user', windows: [window] };
}

export const USER_FAILURES = { max: 20, windowSeconds: 86_400 };
