import { type Failure, fail } from '../errors.js';
import { type Challenge, type ChallengeAtStep, challengeName } from './challenge.js';
import {
  MAX_TOKEN_LENGTH,
  secondsToRemember,
  type VerifyErrorCode,
  verifyChallengeToken,
} from './challenge-token.js';
import { type ChallengeClaims, type ChallengeStep, isOtpStep } from './claims.js';
import type { TrustedIssuer } from './issuer-keys.js';
import { type FindRecipient, namedRecipient } from './recipient.js';

interface StepConfig {
  readonly appId: string;
  readonly issuer: string;
  readonly issuers: readonly TrustedIssuer[];
}

export interface ReadChallengeConfig extends StepConfig {
  readonly findRecipient: FindRecipient | undefined;
}

/**
 * Reads the challenge token of a create or check request: valid by itself, for a user, at a step that a code completes
 * and that is not done yet, with a recipient unless the host looks that up.
 */
export async function readChallenge(
  config: ReadChallengeConfig,
  token: string,
  now: number,
): Promise<{ readonly ok: true; readonly challenge: Challenge } | Failure<VerifyErrorCode>> {
  const read = await readAtStep(config, token, { now, isStep: isOtpStep, rule: OTP_STEP });
  if (!read.ok) return read;
  const { challenge } = read;
  const hasLookup = config.findRecipient !== undefined;
  const named = namedRecipient(challenge.claims, challenge.step, hasLookup);
  if (!named.ok) return invalid('names no recipient that suits its step');
  return { ok: true, challenge: { ...challenge, recipient: named.recipient } };
}

const OTP_STEP = 'is not at a step that a code can do';

interface ExpectedStep<Step extends string> {
  readonly now: number;
  readonly isStep: (step: string) => step is Step;
  /** The rule in the message about a token at another step. */
  readonly rule: string;
}

type ReadAtStep<Step extends string> =
  | { readonly ok: true; readonly challenge: ChallengeAtStep<Step> }
  | Failure<VerifyErrorCode>;

/** Reads a challenge token for a user whose current step is the expected one and not done. */
export async function readAtStep<Step extends string>(
  { appId, issuer, issuers }: StepConfig,
  token: unknown,
  { now, isStep, rule }: ExpectedStep<Step>,
): Promise<ReadAtStep<Step>> {
  const verified = await verifyChallengeToken(token, { issuers, audience: appId, now });
  if (!verified.ok) return verified;
  const { sub, current_step: step, steps = [] } = verified.claims;
  if (sub === undefined) return invalid('names no user');
  if (!isStep(step)) return invalid(rule);
  if (hasAmbiguousSteps(steps)) return invalid('names a step twice, or one that is none');
  const current = steps.find(({ key }) => key === step);
  if (steps.length > 0 && (current === undefined || current.done)) {
    return invalid('has no such step left to do');
  }
  const claims = { ...verified.claims, sub };
  if (claims.iss !== issuer && isLongWhenSigned(claims)) {
    return invalid('leaves no room for its answer');
  }
  return {
    ok: true,
    challenge: {
      claims,
      step,
      name: challengeName({ appId }, claims),
      secondsToRemember: secondsToRemember(claims, now),
    },
  };
}

/** If two steps had the same key, one code would complete both. */
function hasAmbiguousSteps(steps: readonly ChallengeStep[]): boolean {
  const keys = new Set(steps.map(({ key }) => key));
  return keys.size < steps.length || keys.has('completed');
}

/**
 * Numbers such as 1e20 have more digits when we write them. Claims of 4 KiB, written by us, leave room for what a token
 * of ours has beside them; with more, a right code might get a token that is longer than those that we accept.
 */
function isLongWhenSigned(claims: ChallengeClaims): boolean {
  return Buffer.byteLength(JSON.stringify(claims), 'utf8') > (MAX_TOKEN_LENGTH * 3) / 4;
}

function invalid(rule: string): Failure<'invalid_challenge_token'> {
  return fail('invalid_challenge_token', `challenge_token: ${rule}`);
}
