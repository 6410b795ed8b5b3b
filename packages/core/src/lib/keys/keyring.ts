/**
 * The server's secrets. `secrets` maps a key id to at least 32 random bytes, base64url; `active` names
 * the one that new verifications use, the others still open the records that were sealed with them.
 * `limits` is the secret behind the names of limits; rotation leaves it alone, or every limit starts
 * anew. `otp-keys` prints one.
 */
export interface KeyringOptions {
  readonly active: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly limits: string;
}

/** Checked; the secrets are canonical base64url. */
export interface Keyring {
  readonly active: { readonly kid: string; readonly secret: string };
  readonly secrets: ReadonlyMap<string, string>;
  readonly limits: string;
}

const KID = /^[A-Za-z0-9_-]{1,32}$/;
const HELP = 'Run `npx -p @otp/core otp-keys` for a fresh one.';

export function parseKeyring(options: KeyringOptions): Keyring {
  if (typeof options === 'string') {
    throw new TypeError(
      'keyring must be { active, secrets, limits } and is a text: pass JSON.parse(text).',
    );
  }
  if (typeof options !== 'object' || options === null || typeof options.secrets !== 'object') {
    throw new TypeError(`keyring must be { active, secrets: { [kid]: secret }, limits }. ${HELP}`);
  }
  const secrets = new Map<string, string>();
  for (const [kid, secret] of Object.entries(options.secrets ?? {})) {
    if (!KID.test(kid)) {
      throw new TypeError('keyring.secrets: a key id must be 1 to 32 of A-Z a-z 0-9 _ -.');
    }
    secrets.set(kid, parseSecret(secret, `keyring.secrets.${kid}`));
  }
  const secret = secrets.get(options.active);
  if (secret === undefined) {
    throw new TypeError('keyring.active must be one of the key ids in keyring.secrets.');
  }
  const limits = parseSecret(options.limits, 'keyring.limits');
  if ([...secrets.values()].includes(limits)) {
    throw new TypeError(
      `keyring.limits must be a secret of its own, not one of keyring.secrets. ${HELP}`,
    );
  }
  return { active: { kid: options.active, secret }, secrets, limits };
}

function parseSecret(text: unknown, field: string): string {
  if (typeof text === 'string' && /^[A-Za-z0-9_-]+$/.test(text)) {
    const bytes = Buffer.from(text, 'base64url');
    // Written anew, so that one secret has one spelling.
    if (bytes.length >= 32) return bytes.toString('base64url');
  }
  throw new TypeError(`${field} must be at least 32 random bytes as base64url. ${HELP}`);
}
