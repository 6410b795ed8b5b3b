import { type KeyObject, sign, verify } from 'node:crypto';
import { type Failure, fail, tokenMismatch } from '../errors.js';
import { decodeUtf8, parseJson } from '../util/json.js';
import { type ChallengeClaims, parseClaims } from './claims.js';
import type { TrustedIssuer } from './issuer-keys.js';

export interface VerifyChallengeTokenOptions {
  /** The token's `iss` decides which of them has to have signed it; see `trustIssuer`. */
  readonly issuers: readonly TrustedIssuer[];
  /** The app's id; another `aud` is a `token_mismatch`. */
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Characters at most. @default 4096 */
  readonly maxLength?: number;
}

export type VerifiedChallenge =
  | { readonly ok: true; readonly claims: ChallengeClaims }
  | Failure<'invalid_challenge_token' | 'expired_challenge_token' | 'token_mismatch'>;

export const MAX_TOKEN_LENGTH = 4096;
/** Of a completed token, which the host takes: the answer to the longest challenge says more than it. */
export const MAX_COMPLETED_LENGTH = 2 * MAX_TOKEN_LENGTH;
/** RFC 8725 leaves the amount open; both sides of it are tested. */
const TOLERANCE_SECONDS = 30;
const MAX_LIFE_SECONDS = 24 * 60 * 60;

/** How long after now a token's identity has to be remembered. */
export function secondsToRemember(claims: ChallengeClaims, now: number): number {
  return Math.max(1, Math.ceil(claims.exp + TOLERANCE_SECONDS - now / 1000));
}

/**
 * Verifies a challenge token by itself: form, algorithm, issuer, signature, claims, times (RFC 7519,
 * RFC 8725). Answers `invalid_challenge_token`, `expired_challenge_token` (only with a good signature)
 * or `token_mismatch` (another app's). Whether `sub` is there and which step is next is left to the
 * caller.
 */
export async function verifyChallengeToken(
  token: unknown,
  { issuers, audience, now, maxLength = MAX_TOKEN_LENGTH }: VerifyChallengeTokenOptions,
): Promise<VerifiedChallenge> {
  if (!Number.isFinite(now)) throw new TypeError('now must be milliseconds since the epoch.');
  if (typeof token !== 'string' || token.length > maxLength) return INVALID;
  const parts = splitToken(token);
  if (parts === undefined) return INVALID;
  const header = decodeJson(parts[0]);
  const claims = parseClaims(decodeJson(parts[1]));
  if (claims === undefined || !isAcceptableHeader(header)) return INVALID;

  const issuer = issuers.find((each) => each.issuer === claims.iss);
  const key = await issuer?.findKey(header.kid);
  if (key === undefined || !isSigned(token, parts[2], key)) return INVALID;

  const seconds = now / 1000;
  const { iat, nbf = iat, exp } = claims;
  if (Math.max(iat, nbf) > seconds + TOLERANCE_SECONDS) return INVALID;
  if (exp - iat > MAX_LIFE_SECONDS) return INVALID;
  if (exp <= seconds - TOLERANCE_SECONDS) {
    return fail('expired_challenge_token', 'challenge_token: has expired');
  }
  if (![claims.aud].flat().includes(audience)) return tokenMismatch('audience');
  return { ok: true, claims };
}

const INVALID = fail('invalid_challenge_token', 'challenge_token: is not a valid challenge token');

/** One signature has several spellings in lax base64url; only the canonical one is a token (RFC 4648, 3.5). */
const SEGMENT =
  /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

function splitToken(token: string): [string, string, string] | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) return undefined;
  const parts: [string, string, string] = [header, payload, signature];
  return parts.every((part) => SEGMENT.test(part)) ? parts : undefined;
}

function decodeJson(segment: string): unknown {
  return parseJson(decodeUtf8(Buffer.from(segment, 'base64url')));
}

interface AcceptableHeader {
  readonly alg: 'EdDSA';
  readonly kid?: string;
}

/** A token never names its own algorithm, key or extensions (RFC 8725, 3.1 and 3.10). */
const FORBIDDEN_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit'];

function isAcceptableHeader(header: unknown): header is AcceptableHeader {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return false;
  const { alg, typ, kid } = header as Record<string, unknown>;
  return (
    alg === 'EdDSA' &&
    (typ === undefined || typ === 'JWT') &&
    (kid === undefined || typeof kid === 'string') &&
    !FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))
  );
}

function isSigned(token: string, signature: string, key: KeyObject): boolean {
  const signed = Buffer.from(token.slice(0, -signature.length - 1), 'latin1');
  return verify(null, signed, key, Buffer.from(signature, 'base64url'));
}

export interface TokenSigner {
  readonly kid: string;
  readonly key: KeyObject;
}

const protectedHeader = ({ kid }: TokenSigner) => ({ alg: 'EdDSA', typ: 'JWT', kid });

/** Signs claims as a compact JWT (EdDSA, `typ` JWT). */
export function signChallengeToken(claims: ChallengeClaims, signer: TokenSigner): string {
  const segments = [protectedHeader(signer), claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const input = segments.join('.');
  return `${input}.${sign(null, Buffer.from(input), signer.key).toString('base64url')}`;
}

/** How long the token of these claims is, without signing it. */
export function tokenLength(claims: ChallengeClaims, signer: TokenSigner): number {
  const segments = [protectedHeader(signer), claims].map((part) =>
    Buffer.byteLength(JSON.stringify(part)),
  );
  // Ed25519 signs with 64 bytes (RFC 8032, 5.1.6); base64url takes four characters for three bytes.
  const lengths = [...segments, 64].map((bytes) => Math.ceil((bytes * 4) / 3));
  return lengths.reduce((sum, length) => sum + length, 2);
}
