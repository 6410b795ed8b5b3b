import { randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
} from 'jose';

/** A back end of somebody else, with its own key, that hands out challenges for the demo. */
export interface ForeignIssuer {
  readonly name: string;
  readonly jwks: JSONWebKeySet;
  readonly challenge: (claims?: JWTPayload) => Promise<string>;
}

export async function createForeignIssuer(name: string): Promise<ForeignIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const kid = 'foreign-1';
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }] };
  return {
    name,
    jwks,
    challenge: (claims = {}) =>
      new SignJWT({
        challenge_id: randomUUID(),
        current_step: 'verify_email',
        steps: [{ order: 1, key: 'verify_email', expiration_duration: 300, done: false }],
        scope_requested: 'payout:create',
        identifier: { type: 'email_address', value: 'grace@example.com' },
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setIssuer(name)
        .setAudience('demo')
        .setSubject('user-grace')
        .setJti(String(claims.jti ?? randomUUID()))
        .setIssuedAt()
        .setExpirationTime('5 min')
        .sign(privateKey),
  };
}

/** A client's key (RFC 9449), and what it signs for one request. */
export async function createDpopKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    prove: (jti: string, htu: string) =>
      new SignJWT({ htm: 'POST', htu, jti })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey),
  };
}
