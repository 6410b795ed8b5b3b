import { createCipheriv, createHmac, hash, randomBytes, randomInt } from 'node:crypto';

const secret = randomBytes(32);

/** The work that no design can leave out: a token, its hash, a code, and the recipient sealed. */
export function sealAlone(recipient: string): { token: string; id: string; sealed: string } {
  const token = randomBytes(32).toString('base64url');
  const id = hash('sha256', `otp/id${token}`, 'base64url');
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const key = createHmac('sha256', secret).update(`otp/seal${token}`).digest();
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(id));
  const text = cipher.update(JSON.stringify([code, recipient]), 'utf8');
  cipher.final();
  const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url');
  return { token, id, sealed };
}
