import { createHash } from 'node:crypto';
import { equalsInConstantTime } from '../util/constant-time.js';

/** RFC 7636, 4.2: with S256 a challenge is the SHA-256 of a verifier, as base64url. */
export const CODE_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7636, 4.1. */
const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Whether a token may be redeemed with this verifier.
 *
 * @param challenge the claim `pkce_challenge` of the token
 * @param verifier as the client sent it; undefined if it sent none. A token without a challenge has no verifier: an attacker
 *   could otherwise plant a token of their own on a client that uses PKCE (RFC 9700, 2.1.1)
 */
export function isVerifierOf(challenge: string | undefined, verifier: unknown): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  if (typeof verifier !== 'string' || !CODE_VERIFIER.test(verifier)) return false;
  return equalsInConstantTime(createHash('sha256').update(verifier).digest('base64url'), challenge);
}
