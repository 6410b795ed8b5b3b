import { createPublicKey, type KeyObject } from 'node:crypto';
import * as v from 'valibot';
import type { Jwk, JwkSet } from '../keys/jwk.js';
import { ignoreRejection } from '../util/ignore-rejection.js';
import { decodeUtf8, parseUniqueJson } from '../util/json.js';
import { fn, optionsOf, parseOptions, text } from '../util/schema.js';
import { withTimeLimit } from '../util/time-limit.js';

/** An issuer whose challenge tokens are accepted, and its public keys: a set, or one https URL that returns it. */
export type ChallengeIssuer =
  | { readonly issuer: string; readonly jwks: JwkSet }
  | { readonly issuer: string; readonly jwksUrl: string };

/** Finds the key of an issuer that has this `kid`; without `kid`, its only key. */
export type FindKey = (kid: string | undefined) => Promise<KeyObject | undefined>;

/** An issuer whose challenge tokens are accepted. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly findKey: FindKey;
  /** The most characters that a token of this issuer may have. @default 4096 */
  readonly maxTokenLength?: number;
}

/** How the keys of an issuer are fetched. */
export interface RemoteKeysOptions {
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Called with the error of every fetch that fails; known keys go on working, for a day at most. */
  readonly onError?: (error: unknown) => void;
}

const JwksSchema = v.pipe(
  v.custom<JwkSet>(isJwkSet, 'must be a JWK Set: { keys: [...] }'),
  // Keys of other kinds are ignored (RFC 7517, 5); these three are mistakes.
  v.check(
    ({ keys }) => keys.every((key) => key?.d === undefined),
    'must have public keys only: one of them has a private part d',
  ),
  v.check(hasDifferentKids, 'must have a different kid for each key'),
  v.check(
    ({ keys }) => keys.some(isVerificationKey),
    'must have an Ed25519 key (kty OKP, crv Ed25519, x)',
  ),
);

interface IssuerOptions {
  readonly issuer: string;
  readonly jwks?: JwkSet;
  readonly jwksUrl?: string;
}

const IssuerSchema = v.pipe(
  optionsOf<IssuerOptions>()({
    issuer: text(),
    jwks: v.optional(JwksSchema),
    jwksUrl: v.optional(v.custom<string>(isHttpsUrl, 'must be an https URL')),
  }),
  v.check(
    ({ jwks, jwksUrl }) => (jwks === undefined) !== (jwksUrl === undefined),
    'must have either jwks: { keys: [...] } or jwksUrl',
  ),
);

const RemoteSchema = optionsOf<RemoteKeysOptions>()({
  fetch: v.optional(fn<typeof globalThis.fetch>()),
  now: v.optional(fn<() => number>(), () => Date.now),
  onError: v.optional(fn<(error: unknown) => void>()),
});

export type RemoteKeysConfig = v.InferOutput<typeof RemoteSchema>;

/**
 * Prepares an issuer for `verifyChallengeToken`. Does no I/O: a `jwksUrl` is fetched at first use.
 *
 * @param options the `iss` of the issuer, with its public keys or the URL that serves them
 * @param remote how a `jwksUrl` is fetched
 * @returns the issuer, for the option `issuers`
 * @throws TypeError when the keys are not public Ed25519 JWKs or the URL is not https
 * @example
 * const issuer = trustIssuer({ issuer: 'https://id.example.com', jwksUrl: 'https://id.example.com/jwks.json' });
 */
export function trustIssuer(
  options: ChallengeIssuer,
  remote: RemoteKeysOptions = {},
): TrustedIssuer {
  const parsed = parseOptions(RemoteSchema, remote, 'trustIssuer()');
  return parseIssuer(options, 'trustIssuer()', parsed);
}

/** `name` is the option that holds the issuer, for messages. */
export function parseIssuer(
  options: ChallengeIssuer,
  name: string,
  remote: RemoteKeysConfig,
): TrustedIssuer {
  const { issuer, jwks, jwksUrl } = parseOptions(IssuerSchema, options, name);
  if (jwks !== undefined) return { issuer, findKey: localKeys(importKeys(jwks)) };
  return { issuer, findKey: remoteKeys(jwksUrl ?? '', remote) };
}

function isHttpsUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:';
}

function hasDifferentKids({ keys }: JwkSet): boolean {
  const usable = keys.filter(isVerificationKey);
  return new Set(usable.map(({ kid }) => kid)).size === usable.length;
}

const MAX_KEYS = 100;

/**
 * The Ed25519 verification keys of a set. Keys with the same `kid` are ambiguous and left out, as is a private key, which
 * must not be published.
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
/** How long keys are used while every fetch fails. */
const MAX_OUTAGE_MS = 24 * 60 * 60_000;
const COOLDOWN_MS = 30_000;
const FETCH_LIMIT_MS = 3_000;
const MAX_SET_BYTES = 64 * 1024;

/**
 * The keys of one URL. Fetched at first use, and again when they are ten minutes old or a `kid` is unknown, but at most
 * once in 30 s, so that invented key ids cost nothing. A fetch that fails leaves the known keys in place, for a day at most;
 * a set without any key revokes them.
 */
function remoteKeys(
  url: string,
  { fetch = globalThis.fetch, now, onError }: RemoteKeysConfig,
): FindKey {
  let keys: ReadonlyMap<string | undefined, KeyObject> = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    triedAt = now();
    try {
      const set = await fetchJwkSet(url, fetch);
      const fetched = importKeys(set);
      if (fetched.size === 0 && set.keys.length > 0)
        throw new Error('the JWKS URL returned no usable Ed25519 key');
      keys = fetched;
      fetchedAt = now();
    } catch (error) {
      ignoreRejection(onError?.(error));
    } finally {
      running = undefined;
    }
  }

  return async (kid) => {
    const known = pickKey(keys, kid);
    if (known !== undefined && !hasPassed(MAX_AGE_MS, fetchedAt, now())) return known;
    if (running === undefined && hasPassed(COOLDOWN_MS, triedAt, now())) running = refresh();
    await running;
    return now() - fetchedAt < MAX_OUTAGE_MS ? pickKey(keys, kid) : undefined;
  };
}

/** True also when the clock was set back: otherwise no fetch would happen until it has caught up. */
function hasPassed(ms: number, since: number, now: number): boolean {
  return now - since >= ms || now < since;
}

async function fetchJwkSet(url: string, fetch: typeof globalThis.fetch): Promise<JwkSet> {
  return withTimeLimit('the JWKS fetch', FETCH_LIMIT_MS, async (signal) => {
    // Not followed: the target of a redirect would choose the keys.
    const response = await fetch(url, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the JWKS URL returned status ${response.status}`);
    }
    const set = parseUniqueJson(decodeUtf8(await readLimited(response.body)));
    if (!isJwkSet(set)) throw new Error('the JWKS URL did not return a JWK Set');
    return set;
  });
}

async function readLimited(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream, and with it the download.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_SET_BYTES) throw new Error(`the JWKS is larger than ${MAX_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isJwkSet(value: unknown): value is JwkSet {
  return (
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  );
}
