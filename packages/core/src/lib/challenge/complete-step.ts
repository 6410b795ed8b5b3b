import type { Identifier, Randomness } from '../ports.js';
import type { ChallengeAtStep } from './challenge.js';
import {
  type ChallengeClaims,
  type ChallengeStep,
  DEFAULT_LIFE_SECONDS,
  MAX_LIFE_SECONDS,
  OTP_STEPS,
  type OtpStepKey,
  SESSION_START,
  subjectIssuer,
} from './claims.js';

interface CompletionConfig {
  readonly appId: string;
  /** `iss` of our tokens. */
  readonly issuer: string;
  readonly random: Randomness;
}

interface Completion {
  /** RFC 8176: how the user was authenticated in this step. */
  readonly amr: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The claims of the same challenge with its current step done, and the next step, or `completed`, as the current one. */
export function completeStep(
  config: CompletionConfig,
  { claims, step }: Pick<ChallengeAtStep, 'claims' | 'step'>,
  { amr, now }: Completion,
): ChallengeClaims {
  const steps = claims.steps?.map((each) => (each.key === step ? { ...each, done: true } : each));
  const next = nextStep(steps);
  const issuer = subjectIssuer(claims, config.issuer);
  return {
    ...claims,
    challenge_iss: issuer === config.issuer ? undefined : issuer,
    // Only a session start can be redeemed with a verifier.
    pkce_challenge: undefined,
    ...freshClaims(config, now, next?.expiration_duration),
    // Ours alone, also for a challenge of several apps: each of them would redeem the token once.
    aud: config.appId,
    current_step: next?.key ?? 'completed',
    ...(steps === undefined ? {} : { steps }),
    amr: [...new Set([...(claims.amr ?? []), ...amr])],
  };
}

interface StandaloneVerification {
  readonly identifier: Identifier;
  /** The PKCE challenge of the create request. */
  readonly codeChallenge?: string | undefined;
}

/** The claims after a standalone check: a challenge of one step, completed, that names the verified recipient. */
export function completeStandalone(
  config: CompletionConfig,
  { identifier: { type, value }, codeChallenge }: StandaloneVerification,
  { amr, now }: Completion,
): ChallengeClaims {
  const identifier = { type, value };
  const key: OtpStepKey = type === OTP_STEPS.verify_sms ? 'verify_sms' : 'verify_email';
  return {
    ...freshClaims(config, now),
    aud: config.appId,
    challenge_id: createJti(config.random),
    current_step: 'completed',
    steps: [{ order: 1, key, expiration_duration: DEFAULT_LIFE_SECONDS, done: true, identifier }],
    grant_mode: SESSION_START,
    identifier,
    amr: [...amr],
    ...(codeChallenge !== undefined && { pkce_challenge: codeChallenge }),
  };
}

function nextStep(steps: readonly ChallengeStep[] | undefined): ChallengeStep | undefined {
  return steps?.filter(({ done }) => !done).sort((a, b) => a.order - b.order)[0];
}

function freshClaims(
  { issuer, random }: CompletionConfig,
  now: number,
  lifeSeconds = DEFAULT_LIFE_SECONDS,
) {
  const iat = Math.floor(now / 1000);
  const seconds = Math.min(Math.max(1, Math.floor(lifeSeconds)), MAX_LIFE_SECONDS);
  return {
    iss: issuer,
    iat,
    nbf: undefined,
    exp: iat + seconds,
    jti: createJti(random),
    auth_time: iat,
  };
}

/** 128 random bits as base64url. */
export function createJti(random: Randomness): string {
  return random.bytes(16).toString('base64url');
}
