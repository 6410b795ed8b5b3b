import { createHmac, createPrivateKey } from 'node:crypto';
import type { KeyringOptions, SigningKey } from '@otp/core';

/** DER of a PKCS #8 Ed25519 private key, up to its 32 bytes (RFC 8410, 7). */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Everything that the service needs to keep secret, from one setting, so that two demos with one secret
 * are one. A real host keeps the output of `npx otp-keys` instead.
 */
export function deriveKeys(secret: Buffer): { keyring: KeyringOptions; signingKeys: SigningKey[] } {
  const derive = (purpose: string) =>
    createHmac('sha256', secret).update(`otp-demo/${purpose}`).digest();
  const { kty, crv, x, d } = createPrivateKey({
    key: Buffer.concat([ED25519_PREFIX, derive('signing')]),
    format: 'der',
    type: 'pkcs8',
  }).export({ format: 'jwk' }) as SigningKey;
  return {
    keyring: {
      active: 'demo',
      secrets: { demo: derive('seal').toString('base64url') },
      limits: derive('limits').toString('base64url'),
    },
    signingKeys: [{ kty, crv, x, d, kid: derive('kid').toString('hex', 0, 6) } as SigningKey],
  };
}
