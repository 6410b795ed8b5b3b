import * as v from 'valibot';

/** The steps that are ours to do; any other key is the host's own. */
export const OTP_STEPS = {
  verify_sms: 'phone_number',
  verify_email: 'email_address',
} as const;

export type OtpStepKey = keyof typeof OTP_STEPS;

function createSchema() {
  const IdentifierSchema = v.object({
    type: v.picklist(['phone_number', 'email_address']),
    value: v.string(),
  });

  /** What a hash cannot tell apart must not name two things: a lone surrogate becomes U+FFFD in UTF-8. */
  const Text = v.pipe(
    v.string(),
    v.check((text) => text.isWellFormed()),
  );
  const Name = v.pipe(Text, v.nonEmpty(), v.maxLength(512));

  const StepSchema = v.object({
    order: v.pipe(v.number(), v.finite()),
    // It becomes the answer's `current_step`.
    key: Name,
    expiration_duration: v.optional(v.pipe(v.number(), v.finite())),
    done: v.boolean(),
    identifier: v.optional(IdentifierSchema),
  });

  const NumericDate = v.pipe(v.number(), v.finite());

  return v.object({
    iss: Name,
    aud: v.union([Name, v.array(Name)]),
    // Absent after a standalone check, where there is no user yet.
    sub: v.optional(Name),
    sid: v.optional(Name),
    iat: NumericDate,
    exp: NumericDate,
    nbf: v.optional(NumericDate),
    jti: v.pipe(Text, v.minLength(16), v.maxLength(128)),
    challenge_id: Name,
    /** Ours: who issued the challenge whose first steps we have marked as done. */
    challenge_iss: v.optional(Name),
    current_step: Name,
    steps: v.optional(v.array(StepSchema)),
    scope_requested: v.optional(v.unknown()),
    grant_mode: v.optional(v.string()),
    metadata: v.optional(v.unknown()),
    identifier: v.optional(IdentifierSchema),
    // A confirmation that we do not know must not pass for none (RFC 7800, 3.1).
    cnf: v.optional(v.object({ jkt: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) })),
    amr: v.optional(v.array(v.string())),
    auth_time: v.optional(NumericDate),
  });
}

type Schema = ReturnType<typeof createSchema>;

/** The claims of a challenge token as the contract lists them; claims that we do not know are left out. */
export type ChallengeClaims = v.InferOutput<Schema>;
export type ChallengeStep = NonNullable<ChallengeClaims['steps']>[number];

/** Made for the first token: a cold start mostly has none. */
let schema: Schema | undefined;

/** Undefined when a required claim is missing or one that we know has another type. */
export function parseClaims(payload: unknown): ChallengeClaims | undefined {
  schema ??= createSchema();
  const parsed = v.safeParse(schema, payload, { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
}

/** Whose user `sub` is: a challenge that we have signed anew for its next step keeps its first issuer. */
export function subjectIssuer({ iss, challenge_iss }: ChallengeClaims, own: string): string {
  // Nobody else says who issued a challenge.
  return iss === own ? (challenge_iss ?? iss) : iss;
}

export function isOtpStep(key: string): key is OtpStepKey {
  return Object.hasOwn(OTP_STEPS, key);
}
