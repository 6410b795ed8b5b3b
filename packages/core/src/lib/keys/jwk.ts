import { hash } from 'node:crypto';

/** A JSON Web Key (RFC 7517); other members are ignored. */
export interface Jwk {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly d?: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
}

/** A JSON Web Key Set (RFC 7517, 5). */
export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** The RFC 7638 thumbprint of an Ed25519 key: SHA-256 of its required members, in this order (RFC 8037, 2). */
export function thumbprint({ crv, kty, x }: Jwk): string {
  return hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url');
}
