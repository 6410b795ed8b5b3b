import { isOtpStep, OTP_STEPS } from '../challenge/claims.js';
import type { CheckedChallenge } from '../challenge/issue.js';
import type { FindRecipient } from '../challenge/recipient.js';
import { type Plans, servesStepUp } from './login-configs.js';

type ServedConfig = Plans & { readonly findRecipient: FindRecipient | undefined };

/**
 * Refuses a challenge with a step that this service cannot complete: every create with its token would be refused.
 *
 * @throws TypeError that names the step and says what is missing
 */
export function assertChallengeServed(
  { findRecipient, ...plans }: ServedConfig,
  { steps, identifier }: CheckedChallenge,
): void {
  for (const [index, step] of steps.entries()) {
    if (!isOtpStep(step.key)) continue;
    const type = OTP_STEPS[step.key];
    if (!servesStepUp(plans, type)) {
      throw new TypeError(`challenge.steps[${index}] ${CHANNEL_RULES[type]}.`);
    }
    const recipient = step.identifier ?? identifier;
    // The country of a recipient is no fault of the developer: create refuses it.
    if (findRecipient === undefined && recipient?.type !== type) {
      throw new TypeError(
        `challenge.steps[${index}] needs an identifier of its type, or the option findRecipient.`,
      );
    }
  }
}

const CHANNEL_RULES = {
  phone_number:
    'needs channels.sms, or a login config of sms or whatsapp with the flow step-up; this service has none',
  email_address: 'needs channels.email; this service has none',
} as const;
