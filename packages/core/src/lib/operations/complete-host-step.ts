import * as v from 'valibot';
import {
  MAX_OWN_TOKEN_LENGTH,
  signChallengeToken,
  type VerifyErrorCode,
} from '../challenge/challenge-token.js';
import { userOf } from '../challenge/claims.js';
import { completeStep } from '../challenge/complete-step.js';
import { readAtStep } from '../challenge/read-challenge.js';
import type { OtpConfig } from '../config.js';
import { type Result, tokenMismatch } from '../errors.js';
import { createRequestEvents, refuser } from '../events/request-events.js';
import { optionsOf, parseOptions, text } from '../util/schema.js';
import { EXPECTED_USER, type ExpectedUser, findUserMismatch } from './expected-user.js';
import { useToken } from './use-token.js';

/** A step of the host's own that a user has done. */
export interface CompletedStep extends ExpectedUser {
  /** The key of the step, which must be the current one. Never `verify_…`: a code completes those. */
  readonly step: string;
  /** How the user was authenticated in the step (RFC 8176), such as `['pwd']`; never `otp` or `sms`. May be empty. */
  readonly amr: readonly string[];
}

/** `challengeToken` is at the next step, or completed. */
export type CompleteStepResult = Result<
  { challengeToken: string },
  VerifyErrorCode | 'token_reused'
>;

const AMR = v.pipe(
  v.array(
    v.pipe(
      v.custom<string>(
        (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9._:/-]{0,63}$/.test(value),
        "must be the name of a method of RFC 8176, like 'pwd'",
      ),
      v.check(
        (method) => method !== 'otp' && method !== 'sms',
        "must not be 'otp' or 'sms', which a code proves",
      ),
    ),
    "must be an array of methods of RFC 8176, like ['pwd']",
  ),
  v.maxLength(16, 'must have at most 16 methods'),
);

const COMPLETED_STEP = optionsOf<CompletedStep>()({
  ...EXPECTED_USER,
  step: v.pipe(
    text(),
    v.check(
      (step) => !step.startsWith('verify_') && step !== 'completed',
      "must be the key of a step of your own, not 'completed' and not verify_…, which a code completes",
    ),
  ),
  amr: AMR,
});

/** See `OtpService.completeStep`. */
export async function completeHostStep(
  config: OtpConfig,
  token: unknown,
  completed: CompletedStep,
): Promise<CompleteStepResult> {
  const parsed = parseOptions(COMPLETED_STEP, completed, 'completeStep()');
  const { step, sub, iss = config.issuer, amr } = parsed;
  const events = createRequestEvents(config);
  events.add({ flow: 'step-up', user: { iss, sub } });
  const refused = refuser(events, 'completeStep');
  const now = config.now();
  const isStep = (key: string): key is string => key === step;
  const read = await readAtStep(config, token, { now, isStep, rule: 'is at another step' });
  if (!read.ok) return refused(read);
  const { challenge } = read;
  events.add({ user: userOf(config, challenge.claims) });
  const reason = findUserMismatch(config, challenge.claims, parsed);
  if (reason !== undefined) return refused(tokenMismatch(reason));
  // Signed first, so that a failing signer does not use up the token.
  const claims = completeStep(config, challenge, { amr, now });
  const challengeToken = await signChallengeToken(claims, config.signer);
  if (challengeToken.length > MAX_OWN_TOKEN_LENGTH) {
    throw new TypeError(
      `amr must be shorter: the token has more than ${MAX_OWN_TOKEN_LENGTH} characters.`,
    );
  }
  const failure = await useToken(config, challenge);
  return failure === undefined ? { ok: true, challengeToken } : refused(failure);
}
