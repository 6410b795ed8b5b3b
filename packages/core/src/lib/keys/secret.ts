import * as v from 'valibot';

/** Where a fresh secret comes from, for messages. */
export const FRESH_KEYS = '`npx -p @otp/core otp-keys` prints a fresh one';

/** 256 bits, as long as the keys that are derived. */
const MIN_BYTES = 32;
/**
 * A public key is derived from a secret, so one that can be guessed is found by trying. Of 32 random bytes, 30 are
 * different on average; fewer than 16 never happens by chance.
 */
const MIN_DIFFERENT_BYTES = 16;

const HEX = /^(?:[0-9a-f]{2}){32,}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/;

/** The bytes of a string in base64url, base64 or hex; undefined for other values. */
function decodeSecret(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  if (HEX.test(value)) return Buffer.from(value, 'hex');
  // Hex digits alone of another number are hex that was cut off, not base64.
  if (/^[0-9a-f]+$/i.test(value)) return undefined;
  const isPadded = value.endsWith('=');
  const isWhole = isPadded ? value.length % 4 === 0 : value.length % 4 !== 1;
  return BASE64.test(value) && isWhole ? Buffer.from(value, 'base64') : undefined;
}

/** The rule that `looksRandom` checks. */
export const RANDOM_RULE = `must be random: it has fewer than ${MIN_DIFFERENT_BYTES} different bytes; ${FRESH_KEYS}`;

export function looksRandom(bytes: Uint8Array): boolean {
  return new Set(bytes).size >= MIN_DIFFERENT_BYTES;
}

/** A secret of the host's: takes the string and puts out its bytes. */
export const SecretSchema = v.pipe(
  v.custom<string>(
    (value) => (decodeSecret(value)?.length ?? 0) >= MIN_BYTES,
    `must be at least ${MIN_BYTES} random bytes in base64url, base64 or hex; ${FRESH_KEYS}`,
  ),
  v.transform((value) => decodeSecret(value) ?? Buffer.alloc(0)),
  v.check((bytes) => looksRandom(bytes), RANDOM_RULE),
);
