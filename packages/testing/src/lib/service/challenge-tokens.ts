import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { Jwk } from '@otp/core';

/** An issuer of challenge tokens that only tests know. */
export interface TestIssuer {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key as a member of a JWK Set. */
  readonly jwk: Jwk;
}

/** RFC 8410, 7: what stands before the 32 bytes of a private key. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** With a key of its own, or the one that `secret`, 32 bytes, is. */
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

export type Json = Readonly<Record<string, unknown>>;

/** Base64url of a text, of bytes, or of a value as JSON. */
export function encodeSegment(value: unknown): string {
  const isRaw = typeof value === 'string' || value instanceof Uint8Array;
  return Buffer.from(isRaw ? value : JSON.stringify(value)).toString('base64url');
}

/** A compact JWS (RFC 7515) by Ed25519, whatever header and payload claim to be. */
export function signCompact(header: unknown, payload: unknown, key: KeyObject): string {
  const input = `${encodeSegment(header)}.${encodeSegment(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

/** The claims of a live step-up challenge of user-1 in session-1 for the app `app`. */
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

/** A client's DPoP key (RFC 9449). */
export interface DpopKey {
  /** RFC 7638 thumbprint, for `cnf.jkt`. */
  readonly jkt: string;
  readonly publicJwk: Json;
  readonly privateKey: KeyObject;
}

/** ES256, the algorithm of browsers. */
export function createDpopKey(): DpopKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  // RFC 7638, 3: the required members in lexicographic order.
  const text = JSON.stringify({ crv, kty, x, y });
  const jkt = createHash('sha256').update(text).digest('base64url');
  return { jkt, publicJwk: { kty, crv, x, y }, privateKey };
}

export interface DpopProofOptions {
  readonly htu: string;
  /** The challenge token's `jti`. */
  readonly jti: string;
  readonly now: number;
  readonly header?: Json;
  readonly claims?: Json;
}

/** A proof for `POST` to a URL, with members of header and claims replaced as told. */
export function signDpopProof(key: DpopKey, options: DpopProofOptions): string {
  const { htu, jti, now, header, claims } = options;
  const input = [
    { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...header },
    { htm: 'POST', htu, jti, iat: Math.floor(now / 1000), ...claims },
  ]
    .map(encodeSegment)
    .join('.');
  const signature = sign('sha256', Buffer.from(input), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}

/** The payload of a compact JWS, unverified. */
export function decodePayload(token: string): Json {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}
