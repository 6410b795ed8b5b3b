import type { Challenge } from '../challenge/challenge.js';
import { OTP_STEPS, userOf } from '../challenge/claims.js';
import { readChallenge } from '../challenge/read-challenge.js';
import { challengeRecipient, matchRecipient } from '../challenge/recipient.js';
import { isSessionOf } from '../challenge/session.js';
import { findFixedCode, isReservedNumber } from '../channels/fixed-codes.js';
import { findPlan, findUnknownConfig, UNSUITABLE } from '../channels/login-configs.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { blockedByPolicy, type Failure, tokenMismatch } from '../errors.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Flow } from '../ports.js';
import type { RequestContext } from './context.js';
import type { CreateRequest } from './create-request.js';
import { isCountryServed } from './guard.js';
import { type SelectedFlow, selectFlow } from './select-flow.js';

/** What a create request asks for, as far as it is known without the recipient of a step-up. */
export type Target =
  | {
      readonly ok: true;
      readonly flow: 'standalone';
      readonly identifier: NormalizedIdentifier;
      readonly plan: DeliveryPlan;
      readonly challenge?: undefined;
      /** Undefined: the code is random, as it always is in a step-up. */
      readonly fixedCode: string | undefined;
    }
  | {
      readonly ok: true;
      readonly flow: 'step-up';
      /** If present, it must equal the recipient of the challenge. */
      readonly identifier: NormalizedIdentifier | undefined;
      /** Or the refusal of a channel that the host has not configured. */
      readonly plan: DeliveryPlan | Failure<'auth_blocked'>;
      readonly challenge: Challenge;
      readonly fixedCode?: undefined;
    };

/** Refused, perhaps after a challenge was found good by itself. */
export type Untargeted = Failure & { readonly challenge?: Challenge };

/** Finds flow, plan and challenge of a create request, in the contract's order of refusals. */
export async function findTarget(
  context: RequestContext,
  request: CreateRequest,
): Promise<Target | Untargeted> {
  const { config, now, events } = context;
  const { loginConfigId, dispatchId } = request;
  events.add({ dispatchId, ...claimedFlow(request) });
  const selected = selectFlow(request, config, now);
  if (!selected.ok) return selected;
  if (selected.flow === 'standalone') events.add({ identifier: selected.identifier });
  const unknown = findUnknownConfig(config, loginConfigId);
  if (unknown !== undefined) return unknown;
  events.add({ loginConfigId });
  if (selected.flow === 'step-up') return findStepUpTarget(context, selected, loginConfigId);
  const { flow, identifier } = selected;
  const found = findPlan(config, { flow, type: identifier.type, loginConfigId });
  if (!found.ok) return found;
  const { plan } = found;
  events.add({ channel: plan.channel });
  const fixedCode = findFixedCode(config.fixedCodes, { identifier, plan, now });
  // No message may go to a reserved number, so it needs a fixed code of the length that the plan has.
  if (fixedCode === undefined && isReservedNumber(config.fixedCodes, identifier)) return UNSUITABLE;
  // Before the limits; in a step-up the recipient may not be known yet.
  if (!isCountryServed(config, identifier, plan)) return blockedByPolicy('country');
  return { ok: true, flow, identifier, plan, fixedCode };
}

/** The flow that the members of a request show, for the event of one that is refused for them. */
function claimedFlow({ challengeToken, identifier }: CreateRequest): { flow?: Flow } {
  if (challengeToken !== undefined) return { flow: 'step-up' };
  return identifier === undefined ? {} : { flow: 'standalone' };
}

async function findStepUpTarget(
  { config, request, now, events }: RequestContext,
  { flow, challengeToken, identifier }: SelectedFlow & { flow: 'step-up' },
  loginConfigId: string | undefined,
): Promise<Target | Untargeted> {
  const read = await readChallenge(config, challengeToken, now);
  if (!read.ok) return read;
  const { challenge } = read;
  events.add({ user: userOf(config, challenge.claims), identifier: challenge.recipient });
  const found = findPlan(config, { flow, type: OTP_STEPS[challenge.step], loginConfigId });
  if (!found.ok && found.code === 'bad_request') return found;
  if (!(await isSessionOf(challenge, request.session, config))) {
    return { ...tokenMismatch('session'), challenge };
  }
  const plan = found.ok ? found.plan : blockedByPolicy('channel');
  if (found.ok) events.add({ channel: found.plan.channel });
  return { ok: true, flow, identifier, plan, challenge };
}

/** The recipient that a code is sent to, and how. */
export interface Recipient {
  readonly ok: true;
  readonly identifier: NormalizedIdentifier;
  readonly plan: DeliveryPlan;
}

/** Finds the recipient of a target; in a step-up the host may have to look it up. */
export async function findRecipient(
  { config, events }: RequestContext,
  target: Target,
): Promise<Recipient | Failure<'token_mismatch' | 'auth_blocked'>> {
  const { challenge, plan } = target;
  if (challenge === undefined)
    return { ok: true, identifier: target.identifier, plan: target.plan };
  const known = await challengeRecipient(config, challenge);
  events.add({ identifier: known });
  const matched = matchRecipient(known, target.identifier);
  if (!matched.ok) return matched;
  return 'code' in plan ? plan : { ok: true, identifier: matched.identifier, plan };
}
