import { createPublicKey, type KeyObject } from 'node:crypto';
import { assertText } from '../util/assert-option.js';
import { withTimeLimit } from '../util/time-limit.js';

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

export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** Whose challenge tokens are taken, and where the keys are: here, or behind one pinned https URL. */
export type ChallengeIssuer =
  | { readonly issuer: string; readonly jwks: JwkSet }
  | { readonly issuer: string; readonly jwksUrl: string };

/** Finds the one key of an issuer that a token's `kid` names; without `kid`, its only key. */
export type FindKey = (kid: string | undefined) => Promise<KeyObject | undefined>;

/** An issuer whose challenge tokens are taken. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly findKey: FindKey;
}

export interface RemoteKeysOptions {
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Told about every fetch that failed; the keys that are known go on working. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Prepares an issuer for `verifyChallengeToken`. Does no I/O: a `jwksUrl` is fetched at first use.
 * @throws TypeError when the keys are not public Ed25519 JWKs or the URL is not https.
 */
export function trustIssuer(
  options: ChallengeIssuer,
  remote: RemoteKeysOptions = {},
): TrustedIssuer {
  const { issuer } = options;
  assertText(issuer, 'issuer');
  if (!('jwksUrl' in options)) return { issuer, findKey: localKeys(parseJwks(options.jwks)) };
  const { jwksUrl } = options;
  if (!URL.canParse(jwksUrl) || new URL(jwksUrl).protocol !== 'https:') {
    throw new TypeError('jwksUrl must be an https URL.');
  }
  return { issuer, findKey: remoteKeys(jwksUrl, remote) };
}

/** Keys of other kinds are left aside (RFC 7517, 5); what cannot be meant is refused at start. */
function parseJwks(jwks: unknown): Map<string | undefined, KeyObject> {
  if (!isJwkSet(jwks)) {
    throw new TypeError('a trusted issuer needs jwks: { keys: [...] } or a jwksUrl.');
  }
  const usable = jwks.keys.filter(isVerificationKey);
  if (jwks.keys.some((key) => key?.d !== undefined)) {
    throw new TypeError('jwks must hold public keys; one of these has its private part d.');
  }
  if (new Set(usable.map(({ kid }) => kid)).size < usable.length) {
    throw new TypeError('jwks: two keys have one kid, or none; each needs a kid of its own.');
  }
  if (usable.length === 0) {
    throw new TypeError('jwks must hold an Ed25519 key (kty OKP, crv Ed25519, x).');
  }
  return importKeys(jwks);
}

const MAX_KEYS = 100;

/**
 * The usable Ed25519 verification keys of a set. Two keys with one `kid` are ambiguous and count as
 * none, as does a private key, which nobody should have published.
 */
function importKeys(set: JwkSet): Map<string | undefined, KeyObject> {
  const keys = new Map<string | undefined, KeyObject>();
  const seen = new Set<string | undefined>();
  for (const jwk of set.keys.slice(0, MAX_KEYS)) {
    if (!isVerificationKey(jwk)) continue;
    if (seen.has(jwk.kid)) keys.delete(jwk.kid);
    else keys.set(jwk.kid, createPublicKey({ key: { ...jwk }, format: 'jwk' }));
    seen.add(jwk.kid);
  }
  return keys;
}

/** 32 bytes as canonical base64url (RFC 8037, 2). */
const ED25519_X = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

function isVerificationKey(jwk: Jwk): boolean {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { kty, crv, x, d, kid, alg, use } = jwk;
  return (
    kty === 'OKP' &&
    crv === 'Ed25519' &&
    typeof x === 'string' &&
    ED25519_X.test(x) &&
    d === undefined &&
    (kid === undefined || typeof kid === 'string') &&
    (alg === undefined || alg === 'EdDSA' || alg === 'Ed25519') &&
    (use === undefined || use === 'sig')
  );
}

export function localKeys(keys: ReadonlyMap<string | undefined, KeyObject>): FindKey {
  return async (kid) => pickKey(keys, kid);
}

function pickKey(
  keys: ReadonlyMap<string | undefined, KeyObject>,
  kid: string | undefined,
): KeyObject | undefined {
  if (kid !== undefined) return keys.get(kid);
  return keys.size === 1 ? [...keys.values()][0] : undefined;
}

const MAX_AGE_MS = 10 * 60_000;
const COOLDOWN_MS = 30_000;
const FETCH_LIMIT_MS = 3_000;
const MAX_SET_BYTES = 64 * 1024;

/**
 * The keys behind one URL. Fetched at first use, again when they are ten minutes old or a `kid` is
 * unknown, and never more often than once in 30 s, so that made-up key ids cost nothing. A fetch that
 * fails leaves the known keys in place.
 */
function remoteKeys(
  url: string,
  { fetch = globalThis.fetch, now = Date.now, onError }: RemoteKeysOptions,
): FindKey {
  let keys: ReadonlyMap<string | undefined, KeyObject> = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    triedAt = now();
    try {
      const fetched = importKeys(await fetchJwkSet(url, fetch));
      if (fetched.size === 0) throw new Error('the JWKS URL answered no usable Ed25519 key');
      keys = fetched;
      fetchedAt = now();
    } catch (error) {
      onError?.(error);
    } finally {
      running = undefined;
    }
  }

  return async (kid) => {
    const known = pickKey(keys, kid);
    if (known !== undefined && !hasPassed(MAX_AGE_MS, fetchedAt, now())) return known;
    if (running === undefined && hasPassed(COOLDOWN_MS, triedAt, now())) running = refresh();
    await running;
    return pickKey(keys, kid);
  };
}

/** A clock that was set back must not stop us from asking again. */
function hasPassed(ms: number, since: number, now: number): boolean {
  return now - since >= ms || now < since;
}

async function fetchJwkSet(url: string, fetch: typeof globalThis.fetch): Promise<JwkSet> {
  return withTimeLimit('the JWKS fetch', FETCH_LIMIT_MS, async (signal) => {
    // A redirect would let whoever controls it name the keys.
    const response = await fetch(url, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the JWKS URL answered ${response.status}`);
    }
    const set: unknown = JSON.parse(await readLimited(response.body));
    if (!isJwkSet(set)) throw new Error('the JWKS URL answered something that is no JWK Set');
    return set;
  });
}

async function readLimited(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream, and with it the download.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_SET_BYTES) throw new Error(`the JWKS is larger than ${MAX_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isJwkSet(value: unknown): value is JwkSet {
  return (
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  );
}
