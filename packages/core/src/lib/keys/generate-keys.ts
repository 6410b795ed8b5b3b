import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyringOptions } from './keyring.js';
import type { SigningKey } from './signing-keys.js';

/** Fresh secrets for `createOtpService`: keep them where the host keeps its others. */
export function generateKeys(): { keyring: KeyringOptions; signingKeys: [SigningKey] } {
  const kid = randomBytes(6).toString('hex');
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const signingKey = { kty, crv, x, d, kid: randomBytes(6).toString('hex') } as SigningKey;
  return {
    keyring: { active: kid, secrets: { [kid]: secret() }, limits: secret() },
    signingKeys: [signingKey],
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
