import { KeyObject } from 'node:crypto';
import { normalizeIdentifier } from '../identifier/identifier.js';
import { NODE_RANDOMNESS } from '../keys/randomness.js';
import type { TokenSigner } from '../keys/signing-keys.js';
import type { Identifier, Randomness } from '../ports.js';
import { assertObject, assertText, assertWhole } from '../util/assert-option.js';
import { assertKnownOptions, type OptionNames } from '../util/known-options.js';
import { MAX_TOKEN_LENGTH, signChallengeToken } from './challenge-token.js';
import { type ChallengeClaims, isOtpStep, OTP_STEPS, STEP_UP } from './claims.js';
import { createJti } from './complete-step.js';

export interface NewChallengeStep {
  /** `verify_sms` and `verify_email` are done here; any other key is the host's own. */
  readonly key: string;
  /** How long the step may take once it is the next one, in seconds. @default 600 */
  readonly expirationSeconds?: number;
  /** The recipient of this step; without it `findRecipient` or the challenge's `identifier` is asked. */
  readonly identifier?: Identifier;
}

export interface NewChallenge {
  /** Id of the signed-in user. */
  readonly sub: string;
  /** Id of the session that asks. */
  readonly sid?: string;
  /** What the user is about to do; checked again by `consumeChallengeToken`. */
  readonly scope?: string | readonly string[];
  /** In the order in which they are to be done. */
  readonly steps: readonly (string | NewChallengeStep)[];
  readonly identifier?: Identifier;
  /** Says what the completed token is good for; never `session-start`. @default 'step-up' */
  readonly grantMode?: string;
  /** JSON that is carried through unchanged. */
  readonly metadata?: unknown;
  /** RFC 7638 thumbprint of the key that has to prove itself at `/check` (RFC 9449). */
  readonly jkt?: string;
}

// Stryker disable BooleanLiteral: only the names are read, and the compiler takes nothing but true.
const CHALLENGE_FIELDS: OptionNames<NewChallenge> = {
  sub: true,
  sid: true,
  scope: true,
  steps: true,
  identifier: true,
  grantMode: true,
  metadata: true,
  jkt: true,
};
const STEP_FIELDS: OptionNames<NewChallengeStep> = {
  key: true,
  expirationSeconds: true,
  identifier: true,
};
// Stryker restore BooleanLiteral

const STEP_SECONDS = 600;
/** Less than a token may have: the answer to a right code says more. */
const MAX_LENGTH = MAX_TOKEN_LENGTH - 256;

export interface IssueOptions {
  readonly issuer: string;
  /** The app that the challenge is for: its `appId`. */
  readonly audience: string;
  readonly signer: TokenSigner;
  /** Milliseconds since the epoch. @default Date.now() */
  readonly now?: number;
  /** @default node:crypto */
  readonly random?: Randomness;
}

/**
 * Signs a challenge token: for a host whose challenges are made by another process than the one that
 * mounts the service; the service itself has the same as a method.
 * @throws TypeError when a field is not as `NewChallenge` and `IssueOptions` say.
 */
export async function issueChallengeToken(
  challenge: NewChallenge,
  options: IssueOptions,
): Promise<string> {
  assertObject(challenge, 'challenge');
  assertKnownOptions(challenge, CHALLENGE_FIELDS, 'challenge');
  assertObject(options, 'options');
  assertSigner(options.signer);
  const token = await signChallengeToken(newClaims(challenge, options), options.signer);
  if (token.length > MAX_LENGTH) {
    throw new TypeError(
      `metadata, scope and steps together make a token of more than ${MAX_LENGTH} characters.`,
    );
  }
  return token;
}

function assertSigner(signer: TokenSigner): void {
  const key: unknown = signer?.key;
  const isEd25519 =
    key instanceof KeyObject && key.type === 'private' && key.asymmetricKeyType === 'ed25519';
  if (typeof signer?.kid !== 'string' || !isEd25519) {
    throw new TypeError('signer must be the one that parseSigningKeys(keys) answers.');
  }
}

function newClaims(challenge: NewChallenge, options: IssueOptions): ChallengeClaims {
  const { issuer, audience, now = Date.now(), random = NODE_RANDOMNESS } = options;
  assertText(issuer, 'issuer');
  assertText(audience, 'audience');
  const { sub, sid, scope, identifier, grantMode = STEP_UP, metadata, jkt } = challenge;
  assertText(sub, 'sub');
  if (sid !== undefined) assertText(sid, 'sid');
  assertText(grantMode, 'grantMode');
  if (grantMode === 'session-start') {
    throw new TypeError("grantMode must not be 'session-start': that is a standalone check's.");
  }
  if (jkt !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(jkt)) {
    throw new TypeError('jkt must be the base64url SHA-256 thumbprint of a JWK (RFC 7638).');
  }
  if (scope !== undefined) assertScope(scope);
  const recipient = canonical(identifier, 'identifier');
  const steps = resolveSteps(challenge.steps);
  const [first] = steps;
  if (first === undefined) throw new TypeError("steps must name one at least, like 'verify_sms'.");
  const iat = Math.floor(now / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub,
    sid,
    iat,
    exp: iat + first.expiration_duration,
    jti: createJti(random),
    challenge_id: createJti(random),
    current_step: first.key,
    steps,
    scope_requested: scope,
    grant_mode: grantMode,
    metadata,
    ...(recipient && { identifier: recipient }),
    ...(jkt === undefined ? {} : { cnf: { jkt } }),
  };
}

function resolveSteps(steps: NewChallenge['steps']) {
  if (!Array.isArray(steps)) throw new TypeError("steps must be a list, like ['verify_sms'].");
  const resolved = steps.map(resolveStep);
  if (new Set(resolved.map(({ key }) => key)).size < resolved.length) {
    throw new TypeError('steps must name each step once.');
  }
  return resolved;
}

function resolveStep(step: string | NewChallengeStep, index: number) {
  const field = `steps[${index}]`;
  if (typeof step === 'object' && step !== null) assertKnownOptions(step, STEP_FIELDS, field);
  const {
    key,
    expirationSeconds = STEP_SECONDS,
    identifier,
  }: Partial<NewChallengeStep> = typeof step === 'string' ? { key: step } : { ...step };
  assertText(key, `${field}.key`);
  if (key === 'completed') throw new TypeError(`${field}.key must be a step, not 'completed'.`);
  assertWhole(expirationSeconds, `${field}.expirationSeconds`, 1, 86_400);
  const named = canonical(identifier, `${field}.identifier`);
  if (named !== undefined && isOtpStep(key) && named.type !== OTP_STEPS[key]) {
    throw new TypeError(`${field}.identifier.type must be ${OTP_STEPS[key]}.`);
  }
  return {
    order: index + 1,
    key,
    expiration_duration: expirationSeconds,
    done: false,
    ...(named && { identifier: named }),
  };
}

function canonical(identifier: Identifier | undefined, field: string): Identifier | undefined {
  if (identifier === undefined) return undefined;
  const { type, value } = identifier ?? {};
  const isText = typeof value === 'string' && Object.values(OTP_STEPS).includes(type);
  const normalized = isText ? normalizeIdentifier({ type, value }) : undefined;
  if (normalized?.ok !== true) {
    throw new TypeError(`${field} must be a mobile number in E.164 form or an e-mail address.`);
  }
  const { type: knownType, value: canonicalValue } = normalized.identifier;
  return { type: knownType, value: canonicalValue };
}

function assertScope(scope: unknown): void {
  const texts = Array.isArray(scope) ? scope : [scope];
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string' && text !== '')) {
    throw new TypeError('scope must be a text or a list of texts, none of them empty.');
  }
}
