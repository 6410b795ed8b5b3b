import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deriveKey, digest, lengthPrefixed } from '../keys/derive.js';
import type { Keyring } from '../keys/keyring.js';
import type { Channel, Flow, Identifier, Randomness } from '../ports.js';

/** What must stay private about a verification. Sealed once, at create, and never rewritten. */
export interface VerificationSecret {
  readonly code: string;
  readonly flow: Flow;
  readonly identifier: Identifier;
  readonly channel: Channel;
  /** The `login_config_id` that the client asked for. */
  readonly loginConfigId: string | undefined;
  readonly locale: string;
  /** A blocked recipient that must not be told from any other: behaves alike and never verifies. */
  readonly decoy: boolean;
  /** The name of the challenge that it was opened for. What stands outside the seal decides which tries count; this one, what is signed. */
  readonly binding: string | null;
  /** When a message was opened whose success counts for the conversion guard, in seconds. */
  readonly countedAt?: number | undefined;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The cookie's value: 32 random bytes as base64url. */
export function createVerificationToken(random: Randomness): string {
  return random.bytes(32).toString('base64url');
}

/** What the store knows a verification by; the token cannot be computed from it. */
export function verificationId(appId: string, token: string): string {
  return digest(['otp/id/v1', appId, token]);
}

/**
 * AES-256-GCM under a key that takes the cookie's token and the server's secret together, so that
 * neither the store, nor the secret, nor both give a code away.
 */
export function sealSecret(
  secret: VerificationSecret,
  { id, appId, token, keyring, random }: SealContext & { random: Randomness },
): string {
  const { kid, secret: master } = keyring.active;
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealKey(master, appId, token), nonce);
  cipher.setAAD(additionalData(kid, id));
  const text = cipher.update(encodeSecret(secret), 'utf8');
  cipher.final();
  const head = Buffer.from(`${String.fromCharCode(VERSION, kid.length)}${kid}`, 'latin1');
  return Buffer.concat([head, nonce, text, cipher.getAuthTag()]).toString('base64url');
}

export interface SealContext {
  readonly id: string;
  readonly appId: string;
  readonly token: string;
  readonly keyring: Keyring;
}

/** `retired`: the key id is none of ours any more. `corrupt`: this is not what was sealed for this id. */
export type Unsealed =
  | { readonly ok: true; readonly secret: VerificationSecret }
  | { readonly ok: false; readonly why: 'retired' | 'corrupt' };

export function unsealSecret(
  sealed: unknown,
  { id, appId, token, keyring }: SealContext,
): Unsealed {
  if (typeof sealed !== 'string') return CORRUPT;
  const bytes = Buffer.from(sealed, 'base64url');
  const [version, kidLength = 0] = bytes;
  const kid = bytes.toString('latin1', 2, 2 + kidLength);
  const nonceAt = 2 + kidLength;
  const textAt = nonceAt + NONCE_BYTES;
  if (version !== VERSION || bytes.length < textAt + TAG_BYTES) return CORRUPT;
  const master = keyring.secrets.get(kid);
  if (master === undefined) return { ok: false, why: 'retired' };
  const nonce = bytes.subarray(nonceAt, textAt);
  const decipher = createDecipheriv('aes-256-gcm', sealKey(master, appId, token), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(additionalData(kid, id));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(textAt, -TAG_BYTES), undefined, 'utf8');
    return { ok: true, secret: decodeSecret(plain + decipher.final('utf8')) };
  } catch {
    return CORRUPT;
  }
}

const CORRUPT: Unsealed = { ok: false, why: 'corrupt' };

function additionalData(kid: string, id: string): Buffer {
  return Buffer.from(lengthPrefixed([String(VERSION), kid, id]));
}

function sealKey(master: string, appId: string, token: string): Buffer {
  return deriveKey(master, ['otp/seal/v1', appId, token]);
}

type Encoded = [
  code: string,
  flow: 's' | 'u',
  type: 'p' | 'e',
  value: string,
  channel: Channel,
  locale: string,
  decoy: 0 | 1,
  loginConfigId?: string | null,
  countedAt?: number | null,
  binding?: string,
];

/** A list rather than an object: the names would be half of what a store keeps. */
function encodeSecret(secret: VerificationSecret): string {
  const { code, flow, identifier, channel, locale, decoy, loginConfigId, countedAt, binding } =
    secret;
  const fields: Encoded = [
    code,
    flow === 'standalone' ? 's' : 'u',
    identifier.type === 'phone_number' ? 'p' : 'e',
    identifier.value,
    channel,
    locale,
    decoy ? 1 : 0,
  ];
  const isBound = binding !== null;
  const isCounted = isBound || countedAt !== undefined;
  if (isCounted || loginConfigId !== undefined) fields.push(loginConfigId ?? null);
  if (isCounted) fields.push(countedAt ?? null);
  if (isBound) fields.push(binding);
  return JSON.stringify(fields);
}

function decodeSecret(text: string): VerificationSecret {
  // Authenticated by the seal: it can only be what encodeSecret wrote.
  const fields = JSON.parse(text) as Encoded;
  const [code, flow, type, value, channel, locale, decoy, loginConfigId, countedAt, binding] =
    fields;
  return {
    code,
    flow: flow === 's' ? 'standalone' : 'step-up',
    identifier: { type: type === 'p' ? 'phone_number' : 'email_address', value },
    channel,
    locale,
    decoy: decoy === 1,
    loginConfigId: loginConfigId ?? undefined,
    countedAt: countedAt ?? undefined,
    binding: binding ?? null,
  };
}
