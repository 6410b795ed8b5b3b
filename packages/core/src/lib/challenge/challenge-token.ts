import { CompactSign, compactVerify, errors } from 'jose';
import { fail, type Result, tokenMismatch } from '../errors.js';
import type { TokenSigner } from '../keys/signing-keys.js';
import { decodeUtf8, parseUniqueJson } from '../util/json.js';
import { type ChallengeClaims, MAX_LIFE_SECONDS, parseClaims } from './claims.js';
import type { TrustedIssuer } from './issuer-keys.js';

/** What a challenge token must suit. */
export interface VerifyChallengeTokenOptions {
  /** Issuers by `iss`: the token must be signed by the one that it names. `trustIssuer` makes them. */
  readonly issuers: readonly TrustedIssuer[];
  /** The app's id; a token with another `aud` is a `token_mismatch`. */
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type VerifyErrorCode =
  | 'invalid_challenge_token'
  | 'expired_challenge_token'
  | 'token_mismatch';

/** `claims` are those of a valid token. */
export type VerifiedChallenge = Result<{ claims: ChallengeClaims }, VerifyErrorCode>;

/** Characters of a token at most. */
export const MAX_TOKEN_LENGTH = 4096;
/** The same for a token of ours: the answer to a challenge of another issuer has more claims than that challenge. */
export const MAX_OWN_TOKEN_LENGTH = 2 * MAX_TOKEN_LENGTH;

/** Seconds by which the clocks of an issuer and ours may differ; RFC 7519, 4.1.4 leaves the amount open. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** Seconds from now for which a token could pass, so for which its use must be remembered. */
export function secondsToRemember({ exp }: ChallengeClaims, now: number): number {
  return Math.max(1, Math.ceil(exp + CLOCK_TOLERANCE_SECONDS - now / 1000));
}

/**
 * Verifies a challenge token by itself: form, algorithm, issuer, signature, claims, times (RFC 7519, RFC 8725). Whether
 * it names a user and which step is next is for the caller to check.
 *
 * @param token what the client sent
 * @param options the issuers that are trusted, the audience that the token must have, and the time
 * @returns the claims; or `invalid_challenge_token`, `expired_challenge_token` (only with a good signature) or
 *   `token_mismatch` (for another app)
 * @throws TypeError when `now` is not a finite number
 */
export async function verifyChallengeToken(
  token: unknown,
  options: VerifyChallengeTokenOptions,
): Promise<VerifiedChallenge> {
  const { issuers, audience, now } = options;
  if (!Number.isFinite(now)) throw new TypeError('now must be milliseconds since the epoch.');
  if (typeof token !== 'string' || token.length > MAX_OWN_TOKEN_LENGTH) return INVALID;
  const segments = splitToken(token);
  if (segments === undefined) return INVALID;
  const header = decodeJson(segments.header);
  const claims = parseClaims(decodeJson(segments.payload));
  if (claims === undefined || !isAcceptableHeader(header)) return INVALID;

  const issuer = issuers.find((each) => each.issuer === claims.iss);
  const { maxTokenLength = MAX_TOKEN_LENGTH } = issuer ?? {};
  if (issuer === undefined || token.length > maxTokenLength) return INVALID;
  const key = await issuer.findKey(header.kid);
  if (key === undefined || !(await isSigned(token, key))) return INVALID;

  const seconds = now / 1000;
  const { iat, nbf = iat, exp } = claims;
  if (Math.max(iat, nbf) > seconds + CLOCK_TOLERANCE_SECONDS) return INVALID;
  if (exp - iat > MAX_LIFE_SECONDS) return INVALID;
  if (exp <= seconds - CLOCK_TOLERANCE_SECONDS) {
    return fail('expired_challenge_token', 'challenge_token: has expired');
  }
  if (![claims.aud].flat().includes(audience)) return tokenMismatch('audience');
  return { ok: true, claims };
}

const INVALID = fail('invalid_challenge_token', 'challenge_token: is not a valid challenge token');

/** Canonical base64url: a lax decoder takes several spellings for the same signature (RFC 4648, 3.5). */
const SEGMENT =
  /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

function splitToken(token: string): { header: string; payload: string } | undefined {
  const segments = token.split('.');
  const [header, payload, signature] = segments;
  if (!header || !payload || !signature || segments.length > 3) return undefined;
  return segments.every((segment) => SEGMENT.test(segment)) ? { header, payload } : undefined;
}

function decodeJson(segment: string): unknown {
  return parseUniqueJson(decodeUtf8(Buffer.from(segment, 'base64url')));
}

interface AcceptableHeader {
  readonly alg: string;
  readonly kid?: string;
}

/** What we write. */
const ALGORITHM = 'EdDSA';
/** The same algorithm by its older name and by that of RFC 9864; every key is an Ed25519 key. */
export const ED25519_ALGORITHMS = [ALGORITHM, 'Ed25519'];

/** A token must not choose its own key or extensions (RFC 8725, 3.1 and 3.10). */
const FORBIDDEN_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit'];

function isAcceptableHeader(header: unknown): header is AcceptableHeader {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return false;
  const { alg, typ, kid } = header as Record<string, unknown>;
  return (
    typeof alg === 'string' &&
    ED25519_ALGORITHMS.includes(alg) &&
    (typ === undefined || typ === 'JWT') &&
    (kid === undefined || typeof kid === 'string') &&
    !FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))
  );
}

async function isSigned(token: string, key: TokenSigner['key']): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: ED25519_ALGORITHMS });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

/** Signs claims as a compact JWT (`alg` EdDSA, `typ` JWT). */
export async function signChallengeToken(
  claims: ChallengeClaims,
  { kid, key }: TokenSigner,
): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid })
    .sign(key);
}
