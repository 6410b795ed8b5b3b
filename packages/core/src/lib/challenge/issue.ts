import * as v from 'valibot';
import { normalizeIdentifier } from '../identifier/identifier.js';
import { NODE_RANDOMNESS } from '../keys/randomness.js';
import { type KeysOptions, resolveSigner } from '../keys/resolve-keys.js';
import type { TokenSigner } from '../keys/signing-keys.js';
import type { Identifier, Randomness } from '../ports.js';
import { checkedElsewhere, integer, optionsOf, parseOptions, text } from '../util/schema.js';
import { MAX_TOKEN_LENGTH, signChallengeToken } from './challenge-token.js';
import {
  type ChallengeClaims,
  isOtpStep,
  MAX_LIFE_SECONDS,
  OTP_STEPS,
  SESSION_START,
  STEP_UP,
} from './claims.js';
import { createJti } from './complete-step.js';

/** A step of a new challenge. */
export interface NewChallengeStep {
  /** `verify_sms` or `verify_email`, which a code completes, or the key of a step of your own. */
  readonly key: string;
  /** Seconds that the step may take once it is the next one, from 1 to 86400. @default 600 */
  readonly expirationSeconds?: number;
  /** The recipient of this step. @default what `findRecipient` returns, or the `identifier` of the challenge */
  readonly identifier?: Identifier;
}

/** The challenge that a token is signed for. */
export interface NewChallenge {
  /** The id of the signed-in user. */
  readonly sub: string;
  /**
   * The id of the session that sends the request; null or left out for none. The token, which the client can read, contains
   * it. `undefined` is refused: a missing id must not issue a token for every session. @default null
   */
  readonly sid?: string | null;
  /** What the user is about to do; `consumeStepUp` compares it. @default none */
  readonly scope?: string | readonly string[];
  /** The steps in order, each a key or an object; each key once. */
  readonly steps: readonly (string | NewChallengeStep)[];
  /** The recipient of steps that have none. @default none */
  readonly identifier?: Identifier;
  /** The purpose of the completed token, other than `session-start`; `consumeStepUp` compares it. @default 'step-up' */
  readonly grantMode?: string;
  /** JSON that every token of the challenge keeps. @default none */
  readonly metadata?: unknown;
  /** The RFC 7638 thumbprint of the key that must prove itself at `/check` (RFC 9449). @default none */
  readonly jkt?: string;
}

/** A signer of a process without a service: `secret` or `signingKeys`, as for `createOtpService`. */
export interface IssueOptions extends Pick<KeysOptions, 'secret' | 'signingKeys'> {
  /** `iss` of the token: the `issuer` of the service, or one of its `challengeIssuers`. */
  readonly issuer: string;
  /** `aud` of the token: the `appId` of the service. */
  readonly audience: string;
  /** Milliseconds since the epoch. @default Date.now() */
  readonly now?: number;
}

const STEP_SECONDS = 600;

const IdentifierSchema = v.pipe(
  v.custom<Identifier>(
    (value) => toCanonical(value) !== undefined,
    "must be { type: 'phone_number', value } with a mobile number in E.164 form, or { type: 'email_address', value }",
  ),
  v.transform((value) => toCanonical(value) ?? value),
);

const StepSchema = v.pipe(
  v.custom<string | NewChallengeStep>(() => true),
  v.transform((step): unknown => (typeof step === 'string' ? { key: step } : step)),
  optionsOf<NewChallengeStep>()({
    key: v.pipe(
      text(),
      v.check((key) => key !== 'completed', "must be the key of a step, not 'completed'"),
    ),
    expirationSeconds: v.optional(integer(1, MAX_LIFE_SECONDS), STEP_SECONDS),
    identifier: v.optional(IdentifierSchema),
  }),
  v.check(
    ({ key, identifier }) =>
      identifier === undefined || !isOtpStep(key) || identifier.type === OTP_STEPS[key],
    'must have an identifier of the type that its key needs',
  ),
);

const ChallengeSchema = optionsOf<NewChallenge>()({
  sub: text(),
  sid: v.exactOptional(
    v.nullable(
      text(512, 'must be the id of the session, 1 to 512 characters, or null when there is none'),
    ),
  ),
  scope: v.optional(
    v.custom<string | readonly string[]>(
      isScope,
      'must be a string or an array of strings, none of them empty',
    ),
  ),
  steps: v.pipe(
    v.array(StepSchema, "must be an array, like ['verify_sms']"),
    v.minLength(1, "must have at least one step, like 'verify_sms'"),
    v.check(
      (steps) => new Set(steps.map(({ key }) => key)).size === steps.length,
      'must have each step once',
    ),
  ),
  identifier: v.optional(IdentifierSchema),
  grantMode: v.optional(
    v.pipe(
      text(),
      v.check(
        (mode) => mode !== SESSION_START,
        `must not be '${SESSION_START}', which a standalone check gives`,
      ),
    ),
    STEP_UP,
  ),
  metadata: v.optional(v.unknown()),
  jkt: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value),
      'must be the base64url SHA-256 thumbprint of a JWK (RFC 7638)',
    ),
  ),
});

const IssueSchema = optionsOf<IssueOptions>()({
  issuer: text(),
  audience: text(),
  secret: checkedElsewhere<IssueOptions['secret']>(),
  signingKeys: checkedElsewhere<IssueOptions['signingKeys']>(),
  now: v.optional(v.custom<number>(Number.isFinite, 'must be milliseconds since the epoch'), () =>
    Date.now(),
  ),
});

/**
 * Signs a challenge token without a service, for a process that only issues challenges. A service has the method of the
 * same name.
 *
 * @param challenge the user, the steps and what else the token says
 * @param options who signs for which app, and with which key
 * @returns a compact JWT of at most 4096 characters
 * @throws TypeError that names the field or option and says what to write
 * @example
 * const token = await issueChallengeToken(
 *   { sub: 'user-1', steps: ['verify_sms'] },
 *   { issuer: 'https://api.example.com', audience: 'shop', secret: process.env.OTP_SECRET },
 * );
 */
export async function issueChallengeToken(
  challenge: NewChallenge,
  options: IssueOptions,
): Promise<string> {
  const { issuer, audience, now } = parseOptions(IssueSchema, options, 'issueChallengeToken()');
  const signer = resolveSigner(options);
  return signNewChallenge(challenge, { issuer, audience, signer, random: NODE_RANDOMNESS, now });
}

/** A challenge with its defaults, and recipients in canonical form. */
export type CheckedChallenge = v.InferOutput<typeof ChallengeSchema>;

interface IssuerConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly signer: TokenSigner;
  readonly random: Randomness;
  readonly now: number;
  /** Throws if the service cannot complete a step. */
  readonly assertServed?: (challenge: CheckedChallenge) => void;
}

/** See `issueChallengeToken`. */
export async function signNewChallenge(
  challenge: NewChallenge,
  config: IssuerConfig,
): Promise<string> {
  const parsed = parseOptions(ChallengeSchema, challenge, 'challenge');
  config.assertServed?.(parsed);
  const token = await signChallengeToken(newClaims(parsed, config), config.signer);
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new TypeError(
      `challenge: metadata, scope and steps together make a token of more than ${MAX_TOKEN_LENGTH} characters.`,
    );
  }
  return token;
}

function newClaims(
  challenge: CheckedChallenge,
  { issuer, audience, random, now }: IssuerConfig,
): ChallengeClaims {
  const { sub, sid, scope, identifier, grantMode, metadata, jkt } = challenge;
  const steps = challenge.steps.map((step, index) => ({
    order: index + 1,
    key: step.key,
    expiration_duration: step.expirationSeconds,
    done: false,
    ...(step.identifier && { identifier: step.identifier }),
  }));
  const [first] = steps;
  const iat = Math.floor(now / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub,
    sid: sid ?? undefined,
    iat,
    exp: iat + (first?.expiration_duration ?? STEP_SECONDS),
    jti: createJti(random),
    challenge_id: createJti(random),
    current_step: first?.key ?? 'completed',
    steps,
    scope_requested: scope,
    grant_mode: grantMode,
    metadata,
    ...(identifier && { identifier }),
    ...(jkt === undefined ? {} : { cnf: { jkt } }),
  };
}

/** Without a country. */
function toCanonical(value: unknown): Identifier | undefined {
  const { type, value: recipient } = (value ?? {}) as Partial<Record<keyof Identifier, unknown>>;
  const isKnown = type === 'phone_number' || type === 'email_address';
  if (!isKnown || typeof recipient !== 'string') return undefined;
  const normalized = normalizeIdentifier({ type, value: recipient });
  return normalized.ok ? { type, value: normalized.identifier.value } : undefined;
}

function isScope(scope: unknown): boolean {
  const scopes: unknown[] = Array.isArray(scope) ? scope : [scope];
  return scopes.length > 0 && scopes.every((each) => typeof each === 'string' && each !== '');
}
