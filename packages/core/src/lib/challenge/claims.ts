import * as v from 'valibot';
import { CODE_CHALLENGE } from './pkce.js';

/** The steps that a code completes, with the type of their recipient; any other key is a step of the host's own. */
export const OTP_STEPS = {
  verify_sms: 'phone_number',
  verify_email: 'email_address',
} as const;

export type OtpStepKey = keyof typeof OTP_STEPS;

export function isOtpStep(key: string): key is OtpStepKey {
  return Object.hasOwn(OTP_STEPS, key);
}

/** `grant_mode` after a standalone check. */
export const SESSION_START = 'session-start';
/** `grant_mode` of a challenge that does not say another. */
export const STEP_UP = 'step-up';

/** Seconds that a completed token lives, and the next step of one that names no duration. */
export const DEFAULT_LIFE_SECONDS = 300;
/** Seconds that a challenge token lives at most. */
export const MAX_LIFE_SECONDS = 24 * 60 * 60;

const IdentifierSchema = v.object({
  type: v.picklist(['phone_number', 'email_address']),
  value: v.string(),
});

/** Well-formed, since names are hashed: in UTF-8 every lone surrogate becomes U+FFFD, so two names would be one. */
const Text = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed()),
);
const Name = v.pipe(Text, v.nonEmpty(), v.maxLength(512));
const NumericDate = v.pipe(v.number(), v.finite());

const StepSchema = v.object({
  order: v.pipe(v.number(), v.finite()),
  /** A name, because it becomes `current_step` of the next token. */
  key: Name,
  expiration_duration: v.optional(v.pipe(v.number(), v.finite())),
  done: v.boolean(),
  identifier: v.optional(IdentifierSchema),
});

const ClaimsSchema = v.object({
  iss: Name,
  aud: v.union([Name, v.array(Name)]),
  /** Absent after a standalone check, where there is no user yet. */
  sub: v.optional(Name),
  sid: v.optional(Name),
  iat: NumericDate,
  exp: NumericDate,
  nbf: v.optional(NumericDate),
  jti: v.pipe(Text, v.minLength(16), v.maxLength(128)),
  challenge_id: Name,
  /** Ours: the issuer of a challenge whose first steps we have marked as done. */
  challenge_iss: v.optional(Name),
  current_step: Name,
  steps: v.optional(v.array(StepSchema)),
  scope_requested: v.optional(v.unknown()),
  grant_mode: v.optional(v.string()),
  metadata: v.optional(v.unknown()),
  identifier: v.optional(IdentifierSchema),
  /** RFC 7800, 3.1: a confirmation method that we do not know must not pass for none. */
  cnf: v.optional(v.object({ jkt: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) })),
  /** The PKCE challenge of the client that may redeem a session start. */
  pkce_challenge: v.optional(v.pipe(v.string(), v.regex(CODE_CHALLENGE))),
  amr: v.optional(v.array(v.string())),
  auth_time: v.optional(NumericDate),
});

/** The claims of a challenge token as the contract lists them; unknown claims are left out. */
export type ChallengeClaims = v.InferOutput<typeof ClaimsSchema>;
/** A step of a challenge. */
export type ChallengeStep = NonNullable<ChallengeClaims['steps']>[number];

/** Undefined when a required claim is missing or a known one has another type. */
export function parseClaims(payload: unknown): ChallengeClaims | undefined {
  const parsed = v.safeParse(ClaimsSchema, payload, { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
}

/** The issuer whose user `sub` is: a challenge that we sign anew for its next step keeps its first issuer. */
export function subjectIssuer({ iss, challenge_iss }: ChallengeClaims, own: string): string {
  // Only we may name another issuer.
  return iss === own ? (challenge_iss ?? iss) : iss;
}

/** The user of a challenge, who is one of its issuer's. */
export function userOf(
  { issuer }: { readonly issuer: string },
  claims: ChallengeClaims & { readonly sub: string },
): { readonly iss: string; readonly sub: string } {
  return { iss: subjectIssuer(claims, issuer), sub: claims.sub };
}
