import { createHmac, createPrivateKey } from 'node:crypto';
import type { KeyringOptions, SigningKey } from '@otp/core';

/**
 * Everything that the service needs to keep secret, from one setting, so that two demos with one secret
 * are one. A real host keeps the output of `npx otp-keys` instead.
 */
export function deriveKeys(secret: Buffer): { keyring: KeyringOptions; signingKeys: SigningKey[] } {
  const derive = (purpose: string) =>
    createHmac('sha256', secret).update(`otp-demo/${purpose}`).digest();
  // Node reads d alone and says what x is: a third of what it costs as DER, the first thing that a cold start pays for.
  const seed = { kty: 'OKP', crv: 'Ed25519', x: '', d: derive('signing').toString('base64url') };
  const { kty, crv, x, d } = createPrivateKey({ key: seed, format: 'jwk' }).export({
    format: 'jwk',
  }) as SigningKey;
  return {
    keyring: {
      active: 'demo',
      secrets: { demo: derive('seal').toString('base64url') },
      limits: derive('limits').toString('base64url'),
    },
    signingKeys: [{ kty, crv, x, d, kid: derive('kid').toString('hex', 0, 6) } as SigningKey],
  };
}
