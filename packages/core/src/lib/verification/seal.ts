import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import { deriveKey, lengthPrefixed } from '../keys/derive.js';
import type { Keyring } from '../keys/keyring.js';
import type { Channel, Flow, Randomness } from '../ports.js';

/** The private part of a verification. Sealed once, at create, and never rewritten. */
export interface SealedSecret {
  readonly code: string;
  /** Whether the code is a fixed one, which the recipient already has: nothing is sent. */
  readonly isFixed: boolean;
  readonly flow: Flow;
  /** With the country of a phone number. */
  readonly identifier: NormalizedIdentifier;
  readonly channel: Channel;
  /** BCP 47 language of the messages. */
  readonly locale: string;
  /** The `login_config_id` of the create request. */
  readonly loginConfigId?: string | undefined;
  /** Whether the recipient is blocked in silence: such a verification behaves like any other and never succeeds. */
  readonly decoy: boolean;
  /**
   * The name of the challenge that the verification was opened for; null in the standalone flow. The record has the
   * same in clear, for the store; check signs only when both are equal.
   */
  readonly challenge: string | null;
  /** The client address that created the verification, as limits count it: a success gives back what it was charged. */
  readonly bucket: string;
  /** Whether the request named a recipient beside its challenge token, which a success gives back. */
  readonly namesRecipient?: boolean | undefined;
  /** The PKCE challenge of the client that created a standalone verification. */
  readonly codeChallenge?: string | undefined;
  /** In milliseconds since the epoch, by the clock of the process that created it: the same in every response. */
  readonly expiresAt: number;
  /** When the message was counted for the conversion guard, in seconds since the epoch; absent when it was not. */
  readonly countedAt?: number | undefined;
}

/** What a seal is bound to. */
export interface SealContext {
  /** Of the record. */
  readonly id: string;
  readonly appId: string;
  /** The value of the cookie. */
  readonly token: string;
  readonly keyring: Keyring;
}

/** `retired`: the keyring has no secret of that key id. `corrupt`: the seal is not one that we made for this record. */
export type Unsealed =
  | { readonly ok: true; readonly secret: SealedSecret }
  | { readonly ok: false; readonly why: 'retired' | 'corrupt' };

const VERSION = 1;
/** NIST SP 800-38D, 5.2.1.1 and 8.2.2: a random nonce has 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals the private part of a verification: version, length of the key id, key id, nonce, ciphertext and tag, as
 * base64url. AES-256-GCM under a key that is derived from the server's secret and the cookie's token together, so that
 * a code can be read only with the record, the secret and the token.
 */
export function sealSecret(
  secret: SealedSecret,
  { id, appId, token, keyring, random }: SealContext & { readonly random: Randomness },
): string {
  const { kid } = keyring.active;
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealKey(keyring.active.secret, appId, token), nonce);
  cipher.setAAD(additionalData(kid, id));
  // `true` is one letter shorter than `false`: a dump of the store must not show which verifications are decoys.
  const text = `${JSON.stringify(secret)}${secret.decoy ? ' ' : ''}`;
  const ciphertext = [cipher.update(text, 'utf8'), cipher.final()];
  const header = [Buffer.from([VERSION, kid.length]), Buffer.from(kid, 'latin1')];
  return Buffer.concat([...header, nonce, ...ciphertext, cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** Opens what `sealSecret` returned for the same record, app and token. */
export function unsealSecret(
  sealed: unknown,
  { id, appId, token, keyring }: SealContext,
): Unsealed {
  if (typeof sealed !== 'string') return CORRUPT;
  const bytes = Buffer.from(sealed, 'base64url');
  const [version, kidLength = 0] = bytes;
  const nonceAt = 2 + kidLength;
  const ciphertextAt = nonceAt + NONCE_BYTES;
  if (version !== VERSION || bytes.length < ciphertextAt + TAG_BYTES) return CORRUPT;
  const kid = bytes.toString('latin1', 2, nonceAt);
  const secret = keyring.secrets.get(kid);
  if (secret === undefined) return { ok: false, why: 'retired' };
  const decipher = createDecipheriv(
    'aes-256-gcm',
    sealKey(secret, appId, token),
    bytes.subarray(nonceAt, ciphertextAt),
    { authTagLength: TAG_BYTES },
  );
  decipher.setAAD(additionalData(kid, id));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(ciphertextAt, -TAG_BYTES), undefined, 'utf8');
    // The tag says that sealSecret wrote it.
    return { ok: true, secret: JSON.parse(plain + decipher.final('utf8')) as SealedSecret };
  } catch {
    return CORRUPT;
  }
}

const CORRUPT: Unsealed = { ok: false, why: 'corrupt' };

function additionalData(kid: string, id: string): Buffer {
  return Buffer.from(lengthPrefixed([String(VERSION), kid, id]));
}

function sealKey(secret: Uint8Array, appId: string, token: string): Buffer {
  return deriveKey(secret, ['otp/seal/v1', appId, token]);
}
