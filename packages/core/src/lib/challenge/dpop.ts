import {
  calculateJwkThumbprint,
  EmbeddedJWK,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { RefusalReason } from '../errors.js';
import { decodeUtf8, parseUniqueJson } from '../util/json.js';
import { ED25519_ALGORITHMS } from './challenge-token.js';

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

/** Why a proof is refused: `dpop` stands for one that is missing, malformed or for another token. */
export type DpopFault = Extract<RefusalReason, `dpop${string}`>;

/** Whether a proof is good, or why not. */
export type DpopResult =
  | { readonly ok: true; readonly reason?: undefined }
  | { readonly ok: false; readonly reason: DpopFault };

const MAX_LENGTH = 4096;
/** By which `iat` may differ from our clock, in both directions: clocks of phones are off by a minute. */
const MAX_SKEW_SECONDS = 60;

/**
 * Checks the `DPoP` header fields of a request (RFC 9449, 4.3): exactly one proof, ES256 or Ed25519 (`EdDSA`), signed by
 * the key that the challenge is bound to, for this method, URL and challenge, at most 60 s old or ahead.
 *
 * @param proofs the value of every `DPoP` header field
 * @param expected the key and the challenge, the method and URL of the request, and the time
 * @returns `{ ok: true }`, or the reason: `dpop_key`, `dpop_url`, `dpop_clock`, or `dpop` for every other fault
 */
export async function verifyDpopProof(
  proofs: readonly string[],
  expected: DpopExpectation,
): Promise<DpopResult> {
  const reason = await findFault(proofs, expected);
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

async function findFault(
  proofs: readonly string[],
  expected: DpopExpectation,
): Promise<DpopFault | undefined> {
  const [proof] = proofs;
  if (proof === undefined || proofs.length > 1 || !isReadable(proof)) return 'dpop';
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, embeddedKey, {
      algorithms: ['ES256', ...ED25519_ALGORITHMS],
      typ: 'dpop+jwt',
      // For `exp` and `nbf`. The age is checked below: jose lets any future `iat` pass when no maximum age is given.
      currentDate: new Date(expected.now),
      clockTolerance: MAX_SKEW_SECONDS,
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined || (await calculateJwkThumbprint(jwk, 'sha256')) !== expected.jkt)
      return 'dpop_key';
    return findMismatch(payload, expected);
  } catch (error) {
    return isOfClock(error) ? 'dpop_clock' : 'dpop';
  }
}

/** Two segments of JSON that says each thing once. jose checks the rest. */
function isReadable(proof: string): boolean {
  if (proof.length > MAX_LENGTH) return false;
  const segments = proof.split('.').slice(0, 2);
  return segments.every(
    (segment) => parseUniqueJson(decodeUtf8(Buffer.from(segment, 'base64url'))) !== undefined,
  );
}

/** For the algorithm of the header alone: WebCrypto exports `alg: 'Ed25519'` with a key that also signs as `EdDSA`. */
const embeddedKey: typeof EmbeddedJWK = (header, token) => {
  const { alg: _, ...jwk }: JWK = header?.jwk ?? {};
  return EmbeddedJWK({ ...header, jwk }, token);
};

function findMismatch(
  payload: JWTPayload,
  { jti, htm, htu, now }: DpopExpectation,
): DpopFault | undefined {
  if (payload.jti !== jti) return 'dpop';
  if (payload.htm !== htm || !isSameUrl(payload.htu, htu)) return 'dpop_url';
  const ageSeconds = now / 1000 - (payload.iat ?? Number.NaN);
  return Math.abs(ageSeconds) <= MAX_SKEW_SECONDS ? undefined : 'dpop_clock';
}

function isOfClock(error: unknown): boolean {
  return (
    error instanceof errors.JWTExpired ||
    (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
  );
}

/** Normalized by syntax and scheme, without query and fragment (RFC 9449, 4.3, check 9). */
function isSameUrl(given: unknown, expected: string | undefined): boolean {
  if (typeof given !== 'string' || expected === undefined) return false;
  if (!URL.canParse(given) || !URL.canParse(expected)) return false;
  const [a, b] = [new URL(given), new URL(expected)];
  return a.origin === b.origin && a.pathname === b.pathname;
}
