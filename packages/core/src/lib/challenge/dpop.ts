import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';

/** The request that a proof must be for. */
export interface DpopExpectation {
  /** `cnf.jkt` of the challenge token (RFC 7638 thumbprint). */
  readonly jkt: string;
  /** `jti` of the challenge token: the proof is for this token only. */
  readonly jti: string;
  readonly htm: string;
  /** The URL of the request as clients see it; undefined when unknown: no proof is then accepted. */
  readonly htu: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_LENGTH = 4096;
const MAX_AGE_SECONDS = 60;
const MAX_AHEAD_SECONDS = 30;

/**
 * Checks the `DPoP` header fields of a request (RFC 9449, 4.3): exactly one proof, ES256 or EdDSA, signed by the key that
 * the challenge is bound to, for this method, URL and challenge, at most 60 s old.
 *
 * @param proofs the value of every `DPoP` header field
 * @returns whether the proof is good
 */
export async function verifyDpopProof(
  proofs: readonly string[],
  { jkt, jti, htm, htu, now }: DpopExpectation,
): Promise<boolean> {
  const [proof] = proofs;
  if (proof === undefined || proofs.length > 1 || proof.length > MAX_LENGTH) return false;
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256', 'EdDSA'],
      typ: 'dpop+jwt',
      // Ages are checked below: jose lets any future `iat` pass when no maximum age is given.
      currentDate: new Date(now),
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined || (await calculateJwkThumbprint(jwk, 'sha256')) !== jkt) return false;
    const age = now / 1000 - (payload.iat ?? Number.NaN);
    return (
      age >= -MAX_AHEAD_SECONDS &&
      age <= MAX_AGE_SECONDS &&
      payload.jti === jti &&
      payload.htm === htm &&
      isSameUrl(payload.htu, htu)
    );
  } catch {
    return false;
  }
}

/** Normalized by syntax and scheme, without query and fragment (RFC 9449, 4.3, check 9). */
function isSameUrl(given: unknown, expected: string | undefined): boolean {
  if (typeof given !== 'string' || expected === undefined) return false;
  // An invalid URL throws here, and the proof is refused.
  const [a, b] = [new URL(given), new URL(expected)];
  return a.origin === b.origin && a.pathname === b.pathname;
}
