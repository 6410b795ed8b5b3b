import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeSegment, type Json } from './challenge-tokens.js';

/** The DPoP key of a client (RFC 9449). */
export interface DpopKey {
  /** Its thumbprint (RFC 7638), for `cnf.jkt` of a challenge token. */
  readonly jkt: string;
  readonly publicJwk: Json;
  readonly privateKey: KeyObject;
}

/**
 * Creates a key for ES256, which browsers use.
 *
 * @returns a fresh random key
 */
export function createDpopKey(): DpopKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  // RFC 7638, 3: the required members in lexicographic order.
  const text = JSON.stringify({ crv, kty, x, y });
  const jkt = createHash('sha256').update(text).digest('base64url');
  return { jkt, publicJwk: { kty, crv, x, y }, privateKey };
}

/** What a DPoP proof is signed for. */
export interface DpopProofOptions {
  /** URL of the request. */
  readonly htu: string;
  /** The `jti` of the challenge token. */
  readonly jti: string;
  /** The time of the proof, in milliseconds since the epoch. */
  readonly now: number;
  /** Members of the header that differ. @default none */
  readonly header?: Json;
  /** Claims that differ. @default none */
  readonly claims?: Json;
}

/**
 * Signs a proof for a `POST`.
 *
 * @param key the key that the challenge is bound to
 * @param options the URL, the `jti` of the challenge token and the time
 * @returns the value of the header field `DPoP`
 */
export function signDpopProof(key: DpopKey, options: DpopProofOptions): string {
  const { htu, jti, now, header, claims } = options;
  const input = [
    { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...header },
    { htm: 'POST', htu, jti, iat: Math.floor(now / 1000), ...claims },
  ]
    .map(encodeSegment)
    .join('.');
  const signature = sign('sha256', Buffer.from(input), {
    // Not the key itself: workerd refuses it beside an option.
    key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}
