import { randomBytes } from 'node:crypto';
import { type ChallengeIssuer, type Identifier, normalizeIdentifier } from '@otp/core';
import { readSenderSettings, type SenderSettings } from './sender-setting.js';
import { SettingError } from './setting-error.js';
import { readStoreSetting, type StoreSetting } from './store-setting.js';

/** The environment, read once; see the README for what each variable means. */
export interface Settings {
  readonly host: string;
  /** 0: any that is free. Once the demo listens, the one that it got. */
  readonly port: number;
  readonly appId: string;
  readonly secret: string;
  readonly challengeIssuers: readonly ChallengeIssuer[];
  readonly countries: readonly string[] | 'ALL';
  /** Canonical identifiers. */
  readonly blocked: ReadonlySet<string>;
  readonly onBlock: 'forbidden' | 'silent';
  /** Canonical identifiers, some with `:retry` behind them. */
  readonly failing: ReadonlySet<string>;
  readonly sessionHeader: string | undefined;
  readonly origins: readonly string[] | undefined;
  readonly trustProxy: boolean | number | string;
  readonly publicUrl: string | undefined;
  readonly retryIntervalSeconds: number;
  readonly transport: 'cookie' | 'header' | 'both';
  readonly sameSite: 'lax' | 'strict' | 'none' | 'partitioned';
  readonly limits: 'on' | 'off';
  readonly store: StoreSetting;
  readonly senders: SenderSettings;
}

/** The host as it stands in a URL (RFC 3986, 3.2.2). */
export function urlHost({ host }: Settings): string {
  return host.includes(':') ? `[${host}]` : host;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws SettingError for what the demo alone can tell; the rest is the service's to refuse. */
export function readSettings(env: Env, warn: (text: string) => void): Settings {
  return {
    host: env.HOST || '127.0.0.1',
    port: readInteger(env, 'PORT', 3000, 65_535),
    appId: env.OTP_APP_ID || 'demo',
    secret: readSecret(env, warn),
    challengeIssuers: readIssuers(env),
    countries: readCountries(env),
    blocked: new Set(readList(env.OTP_BLOCKED).map((each) => canonical(each, 'OTP_BLOCKED'))),
    onBlock: readOneOf(env, 'OTP_ON_BLOCK', ['forbidden', 'silent']),
    failing: new Set(readList(env.OTP_FAIL).map(readFailing)),
    sessionHeader: readSessionHeader(env.OTP_SESSION_HEADER),
    origins: readOrigins(env),
    trustProxy: readTrustProxy(env.OTP_TRUST_PROXY),
    publicUrl: env.OTP_PUBLIC_URL || undefined,
    retryIntervalSeconds: readInteger(env, 'OTP_RETRY_INTERVAL', 30, 600),
    transport: readOneOf(env, 'OTP_TRANSPORT', ['cookie', 'header', 'both']),
    sameSite: readOneOf(env, 'OTP_SAME_SITE', ['lax', 'strict', 'none', 'partitioned']),
    limits: readOneOf(env, 'OTP_LIMITS', ['on', 'off']),
    store: readStoreSetting(env.OTP_STORE),
    senders: readSenderSettings(env),
  };
}

function readSecret({ OTP_SECRET: secret }: Env, warn: (text: string) => void): string {
  if (secret) return secret;
  warn('OTP_SECRET is not set: a random one is used, and a restart ends every verification.');
  return randomBytes(32).toString('base64url');
}

function readIssuers({ OTP_CHALLENGE_ISSUER: issuer, OTP_CHALLENGE_JWKS: text }: Env) {
  if (!issuer && !text) return [];
  if (!issuer || !text) {
    throw new SettingError('OTP_CHALLENGE_ISSUER and OTP_CHALLENGE_JWKS must be set together.');
  }
  if (issuer.trim() === '') {
    throw new SettingError('OTP_CHALLENGE_ISSUER must be the iss of the tokens to trust.');
  }
  try {
    // `docker run --env-file` leaves quotes around a value.
    return [{ issuer, jwks: JSON.parse(text.replace(/^(['"])(.*)\1$/s, '$2')) }];
  } catch {
    throw new SettingError('OTP_CHALLENGE_JWKS must be a JWK Set as JSON.');
  }
}

/** A field name (RFC 9110, 5.1), and none that every object of headers answers to. */
function readSessionHeader(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const name = text.toLowerCase();
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || name in {}) {
    throw new SettingError('OTP_SESSION_HEADER must name a request header, like x-session.');
  }
  return name;
}

/** Where the demo is published is always among them. */
function readOrigins({ OTP_ORIGINS, OTP_PUBLIC_URL: url = '' }: Env): string[] | undefined {
  if (!OTP_ORIGINS) return undefined;
  const listed = readList(OTP_ORIGINS);
  if (listed.length === 0) {
    throw new SettingError('OTP_ORIGINS must list origins, like https://app.example.com.');
  }
  return [...listed, ...(URL.canParse(url) ? [new URL(url).origin] : [])];
}

function readCountries({ OTP_COUNTRIES: text }: Env): readonly string[] | 'ALL' {
  return !text || text === 'ALL' ? 'ALL' : readList(text);
}

function readFailing(text: string): string {
  const retry = text.endsWith(':retry') ? ':retry' : '';
  return canonical(text.slice(0, text.length - retry.length), 'OTP_FAIL') + retry;
}

function canonical(value: string, name: string): string {
  const type: Identifier['type'] = value.includes('@') ? 'email_address' : 'phone_number';
  const normalized = normalizeIdentifier({ type, value });
  if (!normalized.ok)
    throw new SettingError(`${name} must list mobile numbers and e-mail addresses.`);
  return normalized.identifier.value;
}

/** Express takes a number of hops, `true`, or names and subnets by comma. */
function readTrustProxy(text = ''): boolean | number | string {
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  return /^\d+$/.test(text) ? Number(text) : text;
}

function readList(text = ''): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function readInteger(env: Env, name: string, fallback: number, most: number): number {
  const text = env[name];
  if (!text) return fallback;
  if (!/^\d+$/.test(text) || Number(text) > most) {
    throw new SettingError(`${name} must be an integer from 0 to ${most}.`);
  }
  return Number(text);
}

/** The first one unless the variable is set. */
function readOneOf<const T extends string>(
  env: Env,
  name: string,
  allowed: readonly [T, ...T[]],
): T {
  const text = env[name] || allowed[0];
  const found = allowed.find((each) => each === text);
  if (found !== undefined) return found;
  const names = new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed);
  throw new SettingError(`${name} must be ${names}.`);
}
