import type { Challenge } from '../challenge/challenge.js';
import { OTP_STEPS } from '../challenge/claims.js';
import { readChallenge } from '../challenge/read-challenge.js';
import { challengeRecipient } from '../challenge/recipient.js';
import { isSessionOf } from '../challenge/session.js';
import type { DeliveryConfig, OtpConfig } from '../config.js';
import { blockedByPolicy, type Failure, fail, tokenMismatch } from '../errors.js';
import type { CreateRequest } from '../http/request.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Channel, Identifier } from '../ports.js';
import type { RequestContext } from './context.js';
import { type SelectedFlow, selectFlow } from './select-flow.js';

/** Who is to get a code, which way it goes, and for which challenge. */
export interface Target {
  readonly ok: true;
  readonly identifier: NormalizedIdentifier;
  readonly route: DeliveryConfig;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
}

/** Refused, perhaps after a challenge was found good by itself. */
export type Untargeted = Failure & { readonly challenge?: Challenge };

/** Finds the target of a create request, in the contract's order of refusals. */
export async function findTarget(
  context: RequestContext,
  request: CreateRequest,
): Promise<Target | Untargeted> {
  const { config } = context;
  const { loginConfigId } = request;
  const selected = selectFlow(request);
  if (!selected.ok) return selected;
  if (loginConfigId !== undefined && !config.loginConfigs.has(loginConfigId)) {
    return fail('bad_request', 'login_config_id: is unknown');
  }
  if (selected.flow === 'step-up') return findStepUpTarget(context, selected, loginConfigId);
  const { identifier } = selected;
  const route = findRoute(config, identifier.type, loginConfigId);
  return route.ok ? { ok: true, identifier, route: route.route, challenge: undefined } : route;
}

async function findStepUpTarget(
  context: RequestContext,
  selected: SelectedFlow & { flow: 'step-up' },
  loginConfigId: string | undefined,
): Promise<Target | Untargeted> {
  const { config, request, now } = context;
  const read = await readChallenge(config, selected.challengeToken, now);
  if (!read.ok) return read;
  const { challenge } = read;
  const route = findRoute(config, OTP_STEPS[challenge.step], loginConfigId);
  if (!route.ok && route.code === 'bad_request') return route;

  const { identifier: given } = selected;
  const known = await challengeRecipient(config, challenge);
  const isOther = given !== undefined && known !== undefined && !isSame(given, known);
  if (isOther) return { ...tokenMismatch('recipient'), challenge };
  if (!(await isSessionOf(challenge, request.session, config)))
    return { ...tokenMismatch('session'), challenge };
  if (known === undefined) return { ...blockedByPolicy('no_recipient'), challenge };
  if (!route.ok) return { ...route, challenge };
  return { ok: true, identifier: known, route: route.route, challenge };
}

function isSame(a: Identifier, b: Identifier): boolean {
  return a.type === b.type && a.value === b.value;
}

const DEFAULT_CHANNEL = { phone_number: 'sms', email_address: 'email' } as const;

/** What kind of recipient a channel reaches. */
export function recipientType(channel: Channel): Identifier['type'] {
  return channel === 'email' ? 'email_address' : 'phone_number';
}

type FoundRoute =
  | { readonly ok: true; readonly route: DeliveryConfig }
  | Failure<'bad_request' | 'auth_blocked'>;

/** The configuration that the client names, which has to suit, or the default of the channel. */
function findRoute(
  { channels, loginConfigs }: OtpConfig,
  type: Identifier['type'],
  loginConfigId: string | undefined,
): FoundRoute {
  if (loginConfigId === undefined) {
    const route = channels[DEFAULT_CHANNEL[type]];
    return route === undefined ? blockedByPolicy('channel') : { ok: true, route };
  }
  const route = loginConfigs.get(loginConfigId);
  return route !== undefined && recipientType(route.channel) === type
    ? { ok: true, route }
    : fail('bad_request', 'login_config_id: does not suit the recipient');
}
