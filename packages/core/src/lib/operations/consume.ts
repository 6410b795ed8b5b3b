import * as v from 'valibot';
import { challengeName } from '../challenge/challenge.js';
import {
  secondsToRemember,
  type VerifiedChallenge,
  type VerifyErrorCode,
  verifyChallengeToken,
} from '../challenge/challenge-token.js';
import {
  type ChallengeClaims,
  SESSION_START,
  STEP_UP,
  subjectIssuer,
} from '../challenge/claims.js';
import { isVerifierOf } from '../challenge/pkce.js';
import type { OtpConfig } from '../config.js';
import { type Failure, fail, type RefusalReason, type Result } from '../errors.js';
import { createRequestEvents, refuser } from '../events/request-events.js';
import type { Identifier } from '../ports.js';
import { optionsOf, parseOptions } from '../util/schema.js';
import { EXPECTED_USER, type ExpectedUser, findUserMismatch, isName } from './expected-user.js';
import { useToken } from './use-token.js';

/** The step-up that the host expects. */
export interface ExpectedStepUp extends ExpectedUser {
  /** What the user is about to do: equal to the challenge's `scope`, in any order of an array; null for none. */
  readonly scope: string | readonly string[] | null;
  /** The `grantMode` of the challenge. @default 'step-up' */
  readonly grantMode?: string;
}

/** What the client sent with the token of a standalone check. */
export interface SessionStartProof {
  /**
   * The PKCE `code_verifier` as the client sent it (RFC 7636). Needed if the create had a `code_challenge`; any other value
   * than undefined is refused if it had none. @default undefined
   */
  readonly codeVerifier?: unknown;
}

type ConsumeErrorCode = VerifyErrorCode | 'token_reused';

/** `identifier` is the verified recipient. */
export type ConsumeSessionStartResult = Result<
  { identifier: Identifier; claims: ChallengeClaims },
  ConsumeErrorCode
>;

/** `claims` are those of the completed step-up. */
export type ConsumeStepUpResult = Result<{ claims: ChallengeClaims }, ConsumeErrorCode>;

/** See `OtpService.consumeSessionStart`. */
export async function consumeSessionStart(
  config: OtpConfig,
  token: unknown,
  proof: SessionStartProof = {},
): Promise<ConsumeSessionStartResult> {
  const { codeVerifier } = parseOptions(PROOF, proof, 'consumeSessionStart()');
  const events = createRequestEvents(config);
  events.add({ flow: 'standalone' });
  const refused = refuser(events, 'consumeSessionStart');
  const verified = await verifyCompleted(config, token);
  if (!verified.ok) return refused(verified);
  const { claims } = verified;
  const { grant_mode, sub, sid, identifier, pkce_challenge } = claims;
  if (identifier !== undefined) events.add({ identifier });
  const isSessionStart = grant_mode === SESSION_START && sub === undefined && sid === undefined;
  if (!isSessionStart || identifier === undefined) {
    const reason = 'grant_mode';
    return refused(
      fail('token_mismatch', 'challenge_token: is not for a session start', { reason }),
    );
  }
  // Before the token is used up, so that only the client that has the verifier can do that.
  if (!isVerifierOf(pkce_challenge, codeVerifier)) {
    const message = 'code_verifier: does not belong to the challenge_token';
    return refused(fail('token_mismatch', message, { reason: 'pkce' }));
  }
  const failure = await markAsUsed(config, claims);
  return failure === undefined ? { ok: true, identifier, claims } : refused(failure);
}

/** See `OtpService.consumeStepUp`. */
export async function consumeStepUp(
  config: OtpConfig,
  token: unknown,
  expected: ExpectedStepUp,
): Promise<ConsumeStepUpResult> {
  const parsed = parseOptions(EXPECTED, expected, 'expected');
  const { sub, iss = config.issuer } = parsed;
  const events = createRequestEvents(config);
  events.add({ flow: 'step-up', user: { iss, sub } });
  const refused = refuser(events, 'consumeStepUp');
  const verified = await verifyCompleted(config, token);
  if (!verified.ok) return refused(verified);
  const { claims } = verified;
  if (claims.sub !== undefined) {
    events.add({ user: { iss: subjectIssuer(claims, config.issuer), sub: claims.sub } });
  }
  const reason = findMismatch(config, claims, parsed);
  if (reason !== undefined) {
    const message = 'challenge_token: is not for this user, session and scope';
    return refused(fail('token_mismatch', message, { reason }));
  }
  const failure = await markAsUsed(config, claims);
  return failure === undefined ? { ok: true, claims } : refused(failure);
}

const PROOF = optionsOf<SessionStartProof>()({ codeVerifier: v.optional(v.unknown()) });

const EXPECTED = optionsOf<ExpectedStepUp>()({
  ...EXPECTED_USER,
  scope: v.nullable(
    v.custom<string | readonly string[]>(
      (value) => typeof value === 'string' || Array.isArray(value),
      'must be the scope of the challenge, or null when it has none',
    ),
  ),
  grantMode: v.optional(
    v.custom<string>(
      (value) => isName(value) && value !== SESSION_START,
      `must be that of the challenge; consumeSessionStart() redeems a ${SESSION_START}`,
    ),
    STEP_UP,
  ),
});

/** Only a token of ours says that a challenge is completed; an issuer that we trust with challenges does not. */
async function verifyCompleted(
  { issuers, issuer, appId: audience, now }: OtpConfig,
  token: unknown,
): Promise<VerifiedChallenge> {
  const own = issuers.filter((each) => each.issuer === issuer);
  const verified = await verifyChallengeToken(token, { issuers: own, audience, now: now() });
  if (!verified.ok || verified.claims.current_step === 'completed') return verified;
  return fail('invalid_challenge_token', 'challenge_token: is not completed');
}

function findMismatch(
  config: OtpConfig,
  claims: ChallengeClaims,
  expected: v.InferOutput<typeof EXPECTED>,
): RefusalReason | undefined {
  if ((claims.grant_mode ?? STEP_UP) !== expected.grantMode) return 'grant_mode';
  if (claims.pkce_challenge !== undefined) return 'pkce';
  const isInScope = toComparable(claims.scope_requested) === toComparable(expected.scope);
  return findUserMismatch(config, claims, expected) ?? (isInScope ? undefined : 'scope');
}

/** The same string for an array in any order. */
function toComparable(scope: unknown): string {
  return JSON.stringify(Array.isArray(scope) ? [...scope].sort() : (scope ?? null));
}

/** Of all calls for one token, exactly one returns undefined. */
function markAsUsed(
  config: OtpConfig,
  claims: ChallengeClaims,
): Promise<Failure<'token_reused'> | undefined> {
  const name = challengeName(config, claims);
  return useToken(config, { name, secondsToRemember: secondsToRemember(claims, config.now()) });
}
