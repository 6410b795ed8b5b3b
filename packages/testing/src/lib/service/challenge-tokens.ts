import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Jwk } from '@otp/core';

/** An issuer of challenge tokens, with a key of its own. */
export interface TestIssuer {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key as a member of a JWK Set. */
  readonly jwk: Jwk;
}

/** The bytes before the 32 of a private key (RFC 8410, 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Creates an issuer of challenge tokens.
 *
 * @param issuer its `iss`
 * @param kid id of its key
 * @param secret the private key, 32 bytes; random by default
 */
export function createTestIssuer(
  issuer: string,
  kid = 'issuer-1',
  secret: Uint8Array = randomBytes(32),
): TestIssuer {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { issuer, kid, privateKey, jwk: { kty, crv, x, kid } as Jwk };
}

/** Members of a JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Encodes a string, bytes, or a value as JSON, in base64url. */
export function encodeSegment(value: unknown): string {
  const isRaw = typeof value === 'string' || value instanceof Uint8Array;
  return Buffer.from(isRaw ? value : JSON.stringify(value)).toString('base64url');
}

/** Signs any header and payload with Ed25519, as a compact JWS (RFC 7515). */
export function signCompact(header: unknown, payload: unknown, key: KeyObject): string {
  const input = `${encodeSegment(header)}.${encodeSegment(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

/** Returns the claims of a live step-up challenge of `user-1` in `session-1`, for the app `app`. */
export function challengeClaims(issuer: string, nowMs: number): Json {
  const iat = Math.floor(nowMs / 1000);
  return {
    iss: issuer,
    aud: 'app',
    sub: 'user-1',
    sid: 'session-1',
    iat,
    exp: iat + 600,
    jti: randomBytes(16).toString('base64url'),
    challenge_id: randomBytes(16).toString('base64url'),
    current_step: 'verify_sms',
    steps: [{ order: 1, key: 'verify_sms', expiration_duration: 600, done: false }],
    scope_requested: 'transfer',
    grant_mode: 'step-up',
    metadata: { amount: 100 },
    identifier: { type: 'phone_number', value: '+33612345678' },
  };
}

/**
 * Decodes the payload of a compact JWS without verifying it.
 *
 * @param token a challenge token
 * @returns its claims
 */
export function decodePayload(token: string): Json {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}
