import { digest } from '../keys/derive.js';
import type { Randomness } from '../ports.js';

/** The value of the cookie: 32 random bytes as base64url. */
export function createVerificationToken(random: Randomness): string {
  return random.bytes(32).toString('base64url');
}

/** The id of a verification in the store; the token cannot be computed from it. */
export function verificationId(appId: string, token: string): string {
  return digest(['otp/id/v1', appId, token]);
}
