import type { Challenge } from '../challenge/challenge.js';
import { OTP_STEPS } from '../challenge/claims.js';
import { readChallenge } from '../challenge/read-challenge.js';
import { challengeRecipient } from '../challenge/recipient.js';
import { isSessionOf } from '../challenge/session.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { findFixedCode, isReservedNumber } from '../delivery/fixed-codes.js';
import { findPlan, UNSUITABLE } from '../delivery/login-configs.js';
import { blockedByPolicy, type Failure, fail, tokenMismatch } from '../errors.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Identifier } from '../ports.js';
import type { RequestContext } from './context.js';
import type { CreateRequest } from './create-request.js';
import { type SelectedFlow, selectFlow } from './select-flow.js';

/** The recipient of a code, how it is sent, and the challenge that it is for. */
export interface Target {
  readonly ok: true;
  readonly identifier: NormalizedIdentifier;
  readonly plan: DeliveryPlan;
  /** Undefined in the standalone flow. */
  readonly challenge: Challenge | undefined;
  /** Undefined: the code is random, as it always is in a step-up. */
  readonly fixedCode: string | undefined;
}

/** Refused, perhaps after a challenge was found good by itself. */
export type Untargeted = Failure & { readonly challenge?: Challenge };

/** Finds the target of a create request, in the contract's order of refusals. */
export async function findTarget(
  context: RequestContext,
  request: CreateRequest,
): Promise<Target | Untargeted> {
  const { config, now } = context;
  const { loginConfigId } = request;
  const selected = selectFlow(request, { fixedCodes: config.fixedCodes, now });
  if (!selected.ok) return selected;
  if (loginConfigId !== undefined && !config.loginConfigs.has(loginConfigId)) {
    return fail('bad_request', 'login_config_id: is unknown');
  }
  if (selected.flow === 'step-up') return findStepUpTarget(context, selected, loginConfigId);
  const { identifier } = selected;
  const found = findPlan(config, identifier.type, loginConfigId);
  if (!found.ok) return found;
  const { plan } = found;
  const fixedCode = findFixedCode(config.fixedCodes, { identifier, plan, now });
  // No message may go to a reserved number, so it needs a fixed code of the length that the plan has.
  if (fixedCode === undefined && isReservedNumber(config.fixedCodes, identifier)) return UNSUITABLE;
  return { ok: true, identifier, plan, challenge: undefined, fixedCode };
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
  const found = findPlan(config, OTP_STEPS[challenge.step], loginConfigId);
  if (!found.ok && found.code === 'bad_request') return found;

  const { identifier: given } = selected;
  const known = await challengeRecipient(config, challenge);
  const isOther = given !== undefined && known !== undefined && !isSame(given, known);
  if (isOther) return { ...tokenMismatch('recipient'), challenge };
  if (!(await isSessionOf(challenge, request.session, config)))
    return { ...tokenMismatch('session'), challenge };
  if (known === undefined) return { ...blockedByPolicy('no_recipient'), challenge };
  if (!found.ok) return { ...found, challenge };
  return { ok: true, identifier: known, plan: found.plan, challenge, fixedCode: undefined };
}

function isSame(a: Identifier, b: Identifier): boolean {
  return a.type === b.type && a.value === b.value;
}
