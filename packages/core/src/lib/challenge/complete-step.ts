import type { OtpConfig } from '../config.js';
import type { Challenge } from '../limits/limits.js';
import type { Channel, Identifier } from '../ports.js';
import {
  type ChallengeClaims,
  type ChallengeStep,
  OTP_STEPS,
  type OtpStepKey,
  subjectIssuer,
} from './claims.js';

/** How long a completed token, or a step that names no duration, may take. */
const DEFAULT_LIFE_SECONDS = 300;
const MAX_LIFE_SECONDS = 86_400;

/** The contract's grant mode after a standalone check. */
export const SESSION_START = 'session-start';
/** What a challenge is for when it does not say. */
export const STEP_UP = 'step-up';

interface Done {
  /** The channel that the code really went through. */
  readonly channel: Channel;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The same challenge with its current step marked as done, and the next one to do. */
export function completeStep(
  config: OtpConfig,
  { claims, step }: Challenge,
  { channel, now }: Done,
): ChallengeClaims {
  const steps = claims.steps?.map((each) => (each.key === step ? { ...each, done: true } : each));
  const next = nextStep(steps);
  const issuer = subjectIssuer(claims, config.issuer);
  return {
    ...claims,
    challenge_iss: issuer === config.issuer ? undefined : issuer,
    ...freshClaims(config, now, next?.expiration_duration),
    current_step: next?.key ?? 'completed',
    ...(steps === undefined ? {} : { steps }),
    amr: [...new Set([...(claims.amr ?? []), ...methods(channel)])],
  };
}

/** A challenge of one step that is done: somebody has proved that the recipient is theirs. */
export function completeStandalone(
  config: OtpConfig,
  identifier: Identifier,
  { channel, now }: Done,
): ChallengeClaims {
  const { type, value } = identifier;
  const key: OtpStepKey = type === OTP_STEPS.verify_sms ? 'verify_sms' : 'verify_email';
  return {
    ...freshClaims(config, now),
    aud: config.appId,
    challenge_id: createJti(config),
    current_step: 'completed',
    steps: [
      {
        order: 1,
        key,
        expiration_duration: DEFAULT_LIFE_SECONDS,
        done: true,
        identifier: { type, value },
      },
    ],
    grant_mode: SESSION_START,
    identifier: { type, value },
    amr: methods(channel),
  };
}

function nextStep(steps: readonly ChallengeStep[] | undefined): ChallengeStep | undefined {
  return steps?.filter(({ done }) => !done).sort((a, b) => a.order - b.order)[0];
}

function freshClaims(config: OtpConfig, now: number, life = DEFAULT_LIFE_SECONDS) {
  const iat = Math.floor(now / 1000);
  const seconds = Math.min(Math.max(1, Math.floor(life)), MAX_LIFE_SECONDS);
  return {
    iss: config.issuer,
    iat,
    nbf: undefined,
    exp: iat + seconds,
    jti: createJti(config),
    auth_time: iat,
  };
}

/** 128 random bits as base64url. */
export function createJti({ random }: Pick<OtpConfig, 'random'>): string {
  return random.bytes(16).toString('base64url');
}

/** RFC 8176. */
function methods(channel: Channel): string[] {
  return channel === 'sms' ? ['otp', 'sms'] : ['otp'];
}
