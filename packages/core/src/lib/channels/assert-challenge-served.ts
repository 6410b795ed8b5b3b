import { isOtpStep, OTP_STEPS } from '../challenge/claims.js';
import type { CheckedChallenge } from '../challenge/issue.js';
import type { FindRecipient } from '../challenge/recipient.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { isServed } from '../identifier/countries.js';
import { normalizeIdentifier } from '../identifier/identifier.js';
import type { Identifier } from '../ports.js';
import { type Plans, stepUpPlans } from './login-configs.js';

type ServedConfig = Plans & { readonly findRecipient: FindRecipient | undefined };

/**
 * Refuses a challenge with a step that this service cannot complete: every create with its token would be refused.
 *
 * @throws TypeError that names the step and says what is missing
 */
export function assertChallengeServed(
  config: ServedConfig,
  { steps, identifier }: CheckedChallenge,
): void {
  for (const [index, step] of steps.entries()) {
    if (!isOtpStep(step.key)) continue;
    const type = OTP_STEPS[step.key];
    const named = step.identifier ?? (config.findRecipient === undefined ? identifier : undefined);
    const fault = findFault(config, type, named);
    if (fault !== undefined) throw new TypeError(`challenge.steps[${index}] ${fault}.`);
  }
}

const CHANNEL_RULES = {
  phone_number:
    'needs channels.sms, or a login config of sms or whatsapp with the flow step-up; this service has none',
  email_address: 'needs channels.email; this service has none',
} as const;

function findFault(
  { findRecipient, ...plans }: ServedConfig,
  type: Identifier['type'],
  recipient: Identifier | undefined,
): string | undefined {
  const suited = stepUpPlans(plans, type);
  if (suited.length === 0) return CHANNEL_RULES[type];
  if (recipient?.type === type) {
    return suited.some((plan) => reaches(plan, recipient))
      ? undefined
      : 'has a recipient in a country that is not in countries';
  }
  return findRecipient === undefined
    ? 'needs an identifier of its type, or the option findRecipient'
    : undefined;
}

function reaches({ countries }: DeliveryPlan, recipient: Identifier): boolean {
  const normalized = normalizeIdentifier(recipient);
  return normalized.ok && isServed(countries, normalized.identifier.country);
}
