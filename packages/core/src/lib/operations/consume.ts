import { challengeName, tokenUsed } from '../challenge/challenge.js';
import { secondsToRemember, verifyChallengeToken } from '../challenge/challenge-token.js';
import {
  type ChallengeClaims,
  SESSION_START,
  STEP_UP,
  subjectIssuer,
} from '../challenge/claims.js';
import type { OtpConfig } from '../config.js';
import { type Failure, fail } from '../errors.js';
import { createOp } from '../keys/randomness.js';
import type { Identifier } from '../ports.js';
import { assertKnownOptions } from '../util/known-options.js';
import { budgetStore } from './context.js';

/** What the host waits for. A token of one kind never passes for another. */
export type ExpectedGrant =
  /** After a standalone check. */
  | { readonly grantMode: 'session-start' }
  /** After a step-up. */
  | {
      /** Of the challenge; `issueChallengeToken` writes `step-up` unless told otherwise. */
      readonly grantMode: string;
      /** The user who is signed in. */
      readonly sub: string;
      /** The session that asks; null when the host's challenges name none. */
      readonly sid: string | null;
      /** What is about to be done; equal to the challenge's `scope_requested`. */
      readonly scope: string | readonly string[] | null;
      /** Who issued the challenge: needed where you trust `challengeIssuers` whose users are not yours. @default any */
      readonly iss?: string;
    };

export interface Grant {
  readonly ok: true;
  /** The recipient that was verified; only after a standalone check. */
  readonly identifier: Identifier | undefined;
  readonly claims: ChallengeClaims;
}

export type ConsumeResult =
  | Grant
  | Failure<
      'invalid_challenge_token' | 'expired_challenge_token' | 'token_mismatch' | 'token_reused'
    >;

/** See `OtpService.consumeChallengeToken`. */
export async function consumeChallengeToken(
  config: OtpConfig,
  token: unknown,
  expected: ExpectedGrant,
): Promise<ConsumeResult> {
  assertExpected(expected);
  const now = config.now();
  // Only we say that a challenge is completed; an issuer that we trust with challenges does not.
  const issuers = config.issuers.filter(({ issuer }) => issuer === config.issuer);
  const verified = await verifyChallengeToken(token, {
    issuers,
    audience: config.appId,
    now,
  });
  if (!verified.ok) return verified;
  const { claims } = verified;
  if (claims.current_step !== 'completed') {
    return fail('invalid_challenge_token', 'challenge_token: is not completed');
  }
  if (!isExpected(config, claims, expected)) {
    return fail('token_mismatch', 'challenge_token: is not for this user, session and scope');
  }
  const used = tokenUsed({
    name: challengeName(config, claims),
    secondsToRemember: secondsToRemember(claims, now),
  });
  const spent = await budgetStore(config)((each) => each.charge([used], createOp(config)));
  if (!spent.ok) return fail('token_reused', 'challenge_token: was already used');
  const identifier = expected.grantMode === SESSION_START ? claims.identifier : undefined;
  return { ok: true, identifier, claims };
}

function isExpected(
  { issuer }: OtpConfig,
  claims: ChallengeClaims,
  expected: ExpectedGrant,
): boolean {
  if ((claims.grant_mode ?? STEP_UP) !== expected.grantMode) return false;
  if (!('sub' in expected)) return claims.sub === undefined && claims.sid === undefined;
  if (expected.iss !== undefined && subjectIssuer(claims, issuer) !== expected.iss) return false;
  return (
    claims.sub === expected.sub &&
    (claims.sid ?? null) === expected.sid &&
    scopeText(claims.scope_requested) === scopeText(expected.scope)
  );
}

/** Comparable whatever the order of a list. */
function scopeText(scope: unknown): string {
  return JSON.stringify(Array.isArray(scope) ? [...scope].sort() : (scope ?? null));
}

// Stryker disable next-line BooleanLiteral: only the names are read.
const EXPECTED_FIELDS = { sub: true, sid: true, scope: true, iss: true } as const;

function assertExpected(expected: ExpectedGrant): void {
  const { grantMode, ...rest } = expected ?? {};
  if (typeof grantMode !== 'string' || grantMode === '') {
    throw new TypeError(
      "expected.grantMode must be 'session-start', or 'step-up' (or the challenge's own) with sub, sid and scope.",
    );
  }
  if (grantMode === SESSION_START) {
    if (Object.keys(rest).length > 0) {
      throw new TypeError('expected: a session-start token has no sub, sid or scope to expect.');
    }
    return;
  }
  assertKnownOptions(rest, EXPECTED_FIELDS, 'expected');
  const { sub, sid, scope, iss } = rest as Partial<Record<string, unknown>>;
  if (typeof sub !== 'string' || sub === '') {
    throw new TypeError(
      "expected.sub must be the id of the signed-in user; only grantMode 'session-start', spelt like this, goes without.",
    );
  }
  if (iss !== undefined && typeof iss !== 'string') {
    throw new TypeError(
      'expected.iss must be the issuer of the challenge, or be left out for any.',
    );
  }
  if (sid === undefined) {
    throw new TypeError('expected.sid must be the session that asks, or null when there is none.');
  }
  if (scope === undefined) {
    throw new TypeError('expected.scope must be what was asked for, or null for nothing.');
  }
}
