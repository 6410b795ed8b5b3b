import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { type CompactJws, parseCompactJws } from './compact-jws.js';

export interface DpopExpectation {
  /** `cnf.jkt` of the challenge token (RFC 7638 thumbprint). */
  readonly jkt: string;
  /** `jti` of the challenge token: the proof is made for this token and no other. */
  readonly jti: string;
  readonly htm: string;
  /** The request's public URL. */
  readonly htu: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_LENGTH = 4096;
const MAX_AGE_SECONDS = 60;
const MAX_AHEAD_SECONDS = 30;

/**
 * Checks the `DPoP` header fields of a request (RFC 9449, 4.3): exactly one proof, ES256 or EdDSA, signed
 * by the key that the challenge is bound to, for this method, URL and challenge, at most 60 s old.
 */
export async function verifyDpopProof(
  proofs: readonly string[],
  { jkt, jti, htm, htu, now }: DpopExpectation,
): Promise<boolean> {
  const [proof] = proofs;
  if (proof === undefined || proofs.length > 1 || proof.length > MAX_LENGTH) return false;
  const jws = parseCompactJws(proof);
  if (jws === undefined || !isObject(jws.payload)) return false;
  const claims = jws.payload;
  try {
    return (
      isSignedByKeyOf(jkt, jws) &&
      isTimely(claims, now / 1000) &&
      claims.jti === jti &&
      claims.htm === htm &&
      isSameUrl(claims.htu, htu)
    );
  } catch {
    return false;
  }
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Algorithm {
  readonly kty: string;
  readonly crv: string;
  /** Ed25519 brings its own. */
  readonly digest: 'sha256' | null;
}

/** The whole choice that a header has (RFC 7518, 3.4; RFC 8037, 3.1); none takes a key of the other. */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map([
  ['ES256', { kty: 'EC', crv: 'P-256', digest: 'sha256' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519', digest: null }],
]);

/** By the key in its own header, which has to have that thumbprint. Throws for what is no key. */
function isSignedByKeyOf(jkt: string, { header, signed, signature }: CompactJws): boolean {
  const { alg, typ, crit, jwk } = header;
  const algorithm = ALGORITHMS.get(alg);
  if (algorithm === undefined || crit !== undefined || !isProofType(typ)) return false;
  if (!isObject(jwk) || !isPublicKeyFor(alg, algorithm, jwk)) return false;
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  // JWS has the two halves of an ECDSA signature side by side, OpenSSL a structure of them (RFC 7518, 3.4).
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return thumbprint(key) === jkt && verify(algorithm.digest, signed, options, signature);
}

/** A media type: in any case, and with `application/` or without (RFC 7515, 4.1.9). */
function isProofType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(?:application\/)?dpop\+jwt$/i.test(typ);
}

function isPublicKeyFor(alg: unknown, { kty, crv }: Algorithm, jwk: Json): boolean {
  return (
    jwk.kty === kty &&
    jwk.crv === crv &&
    jwk.d === undefined &&
    (jwk.use === undefined || jwk.use === 'sig') &&
    (jwk.alg === undefined || jwk.alg === alg)
  );
}

/** RFC 7638: the members that a key of its kind must have, in the order of the alphabet. */
function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
}

function isTimely({ iat, exp, nbf }: Json, seconds: number): boolean {
  if (typeof iat !== 'number') return false;
  return (
    iat >= seconds - MAX_AGE_SECONDS &&
    iat <= seconds + MAX_AHEAD_SECONDS &&
    (exp === undefined || (typeof exp === 'number' && exp > seconds)) &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= seconds))
  );
}

/** Normalised by syntax and scheme, without query and fragment (RFC 9449, 4.3, check 9). */
function isSameUrl(given: unknown, expected: string | undefined): boolean {
  if (typeof given !== 'string' || expected === undefined) return false;
  // What is no URL throws here, and is then no proof.
  const [a, b] = [new URL(given), new URL(expected)];
  return a.origin === b.origin && a.pathname === b.pathname;
}
