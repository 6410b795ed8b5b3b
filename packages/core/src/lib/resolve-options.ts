import {
  type ChallengeIssuer,
  localKeys,
  type TrustedIssuer,
  trustIssuer,
} from './challenge/issuer-keys.js';
import type { OtpConfig } from './config.js';
import { createRouteSenders } from './delivery/breakers.js';
import { resolveFixedCodes } from './delivery/fixed-codes.js';
import { resolveChannels, resolveLoginConfigs } from './delivery/resolve-channels.js';
import { createEmitter, type Emit, type Warning } from './events.js';
import { type CookieConfig, cookieName } from './http/cookie.js';
import { deriveName } from './keys/derive.js';
import { parseKeyring } from './keys/keyring.js';
import { NODE_RANDOMNESS } from './keys/randomness.js';
import { parseSigningKeys, type SigningKeys } from './keys/signing-keys.js';
import { resolveLimits } from './limits/resolve-limits.js';
import { resolveMessages } from './messages/resolve-messages.js';
import type { CookieOptions, OtpServiceOptions } from './options.js';
import type { OtpStore } from './ports.js';
import { describeError } from './redact.js';
import {
  assertBoolean,
  assertFunction,
  assertObject,
  assertOneOf,
  assertText,
  assertWhole,
} from './util/assert-option.js';
import { assertKnownOptions, COOKIE_OPTIONS, SERVICE_OPTIONS } from './util/known-options.js';

/** No control character and no line or paragraph separator. */
const ONE_LINE = /^[\x20-\x7e\xa0-\u2027\u202a-\uffff]*$/;

/** Checks every option, fills the defaults. `background` collects what `waitUntil` is given. */
export function resolveOptions(
  options: OtpServiceOptions,
  background: Set<Promise<unknown>>,
): OtpConfig {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createOtpService takes one object of options.');
  }
  assertKnownOptions(options, SERVICE_OPTIONS, 'createOtpService');
  const { appId, appName = appId, issuer, onBlock = 'forbidden' } = options;
  if (typeof appId !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(appId)) {
    throw new TypeError('appId must be 1 to 64 of A-Z a-z 0-9 _ -, because it names the cookie.');
  }
  assertText(appName, 'appName');
  if (!ONE_LINE.test(appName)) {
    throw new TypeError('appName must be one line: it stands in the text of messages.');
  }
  assertText(issuer, 'issuer');
  assertStore(options.store);
  assertCallbacks(options);
  assertOneOf(onBlock, ['forbidden', 'silent'], 'onBlock');
  if (onBlock === 'silent' && options.waitUntil === undefined) {
    throw new TypeError(
      "onBlock 'silent' needs waitUntil: otherwise the time that sending takes gives decoys away.",
    );
  }
  const { limitErrorCode = 'auth_blocked', clock: now = Date.now } = options;
  const { dangerouslyDisableLimits = false, randomness: random = NODE_RANDOMNESS } = options;
  assertBoolean(dangerouslyDisableLimits, 'dangerouslyDisableLimits');
  if (typeof random?.bytes !== 'function' || typeof random.int !== 'function') {
    throw new TypeError('randomness must have the functions bytes(size) and int(below).');
  }
  assertOneOf(limitErrorCode, ['auth_blocked', 'rate_limited'], 'limitErrorCode');
  const { retryIntervalSeconds: interval = 30, storeTimeoutMs = 2_000 } = options;
  const { sendTimeoutMs = 6_000, callbackTimeoutMs = 1_000 } = options;
  assertWhole(storeTimeoutMs, 'storeTimeoutMs', 1, 60_000);
  assertWhole(sendTimeoutMs, 'sendTimeoutMs', 1, 60_000);
  assertWhole(callbackTimeoutMs, 'callbackTimeoutMs', 1, 60_000);
  assertWhole(interval, 'retryIntervalSeconds', 0, 600);
  const gapsSeconds = [interval, interval * 2, interval * 4, interval * 8];
  const { signer, verifiers, jwks } = parseSigningKeys(options.signingKeys);
  const keyring = parseKeyring(options.keyring);
  const emit = createEmitter(options.onEvent);
  const shared = {
    toRouteSender: createRouteSenders(emit, now),
    messages: resolveMessages(options),
  };
  const channels = resolveChannels(options.channels, shared);
  const loginConfigs = resolveLoginConfigs(options, channels, shared);
  const routes = [...Object.values(channels), ...loginConfigs.values()];
  return Object.freeze({
    appId,
    appName,
    issuer,
    keyring,
    appKey: deriveName(keyring.limits, ['otp/app/v1', appId]),
    signer,
    issuers: resolveIssuers(options, verifiers, { emit, now }),
    jwks,
    store: options.store,
    storeTimeoutMs,
    sendTimeoutMs,
    callbackTimeoutMs,
    channels,
    loginConfigs,
    fixedCodes: resolveFixedCodes(options.fixedCodes, { routes, now }),
    locales: shared.messages.locales,
    recipientOf: options.recipientOf,
    guard: options.guard,
    onBlock,
    waitUntil: trackWork(options.waitUntil, background, emit),
    unwaited: new Set<Promise<unknown>>(),
    emit,
    warn: onceEach((warning) => emit({ type: 'warning', warning })),
    origins: resolveOrigins(options.origins),
    cookie: resolveCookie(appId, options.cookie),
    publicUrl: resolvePublicUrl(options.publicUrl),
    limits: dangerouslyDisableLimits ? undefined : resolveLimits(options.limits),
    limitErrorCode,
    retryGapsSeconds: gapsSeconds,
    createGapsSeconds: gapsSeconds,
    now,
    random,
  });
}

function onceEach(raise: (warning: Warning) => void): (warning: Warning) => void {
  const raised = new Set<Warning>();
  return (warning) => {
    if (raised.has(warning)) return;
    raised.add(warning);
    raise(warning);
  };
}

const STORE_VERBS = [
  'open',
  'reserveCheck',
  'reserveSend',
  'cancel',
  'recordChannel',
  'claim',
  'charge',
  'refund',
  'tally',
  'reset',
  'ping',
] as const;

function assertStore(store: OtpStore): void {
  for (const verb of STORE_VERBS) {
    if (typeof store?.[verb] !== 'function') {
      throw new TypeError(
        `store must be an OtpStore, for instance createMemoryStore(); it has no ${verb}().`,
      );
    }
  }
}

function assertCallbacks(options: OtpServiceOptions): void {
  const { recipientOf, guard, waitUntil, onEvent, clock, fetch } = options;
  const callbacks = { recipientOf, guard, waitUntil, onEvent, clock, fetch };
  for (const [name, value] of Object.entries(callbacks)) {
    if (value !== undefined) assertFunction(value, name);
  }
}

function resolveIssuers(
  { issuer: own, challengeIssuers = [], fetch }: OtpServiceOptions,
  verifiers: SigningKeys['verifiers'],
  { emit, now }: { emit: Emit; now: () => number },
): TrustedIssuer[] {
  const onError = (error: unknown) =>
    emit({ type: 'fault', during: 'jwks', error: describeError(error) });
  const remote = { now, onError, ...(fetch === undefined ? {} : { fetch }) };
  if (!Array.isArray(challengeIssuers)) throw new TypeError('challengeIssuers must be a list.');
  const others = challengeIssuers.map((each: ChallengeIssuer, index) => {
    assertObject(each, `challengeIssuers[${index}]`);
    return trustIssuer(each, remote);
  });
  const names = [own, ...others.map(({ issuer }) => issuer)];
  if (new Set(names).size < names.length) {
    throw new TypeError(
      'challengeIssuers names an issuer twice, or our own issuer, which is always trusted.',
    );
  }
  return [{ issuer: own, findKey: localKeys(verifiers) }, ...others];
}

function trackWork(
  waitUntil: OtpServiceOptions['waitUntil'],
  background: Set<Promise<unknown>>,
  emit: Emit,
) {
  if (waitUntil === undefined) return undefined;
  return (work: Promise<unknown>) => {
    const tracked = work.finally(() => background.delete(tracked));
    background.add(tracked);
    // What the host's function answers may be a promise, and that may reject.
    void Promise.resolve(waitUntil(tracked)).catch((error) =>
      emit({ type: 'fault', during: 'waitUntil', error: describeError(error) }),
    );
  };
}

function resolveOrigins(origins: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (origins === undefined) return undefined;
  if (!Array.isArray(origins))
    throw new TypeError("origins must be a list, like ['https://app.example.com'].");
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new TypeError(
        'origins must be like https://app.example.com: a scheme, a host, maybe a port, no slash at the end.',
      );
    }
  }
  return new Set(origins);
}

function resolveCookie(appId: string, options: CookieOptions = {}): CookieConfig {
  assertObject(options, 'cookie');
  assertKnownOptions(options, COOKIE_OPTIONS, 'cookie');
  const { sameSite = 'Lax', hostPrefix = false } = options;
  assertBoolean(hostPrefix, 'cookie.hostPrefix');
  assertOneOf(sameSite, ['Strict', 'Lax', 'None'], 'cookie.sameSite');
  return { name: cookieName(appId, hostPrefix), sameSite };
}

function resolvePublicUrl(publicUrl: string | undefined): string | undefined {
  if (publicUrl === undefined) return undefined;
  const isText = typeof publicUrl === 'string' && URL.canParse(publicUrl);
  if (!isText || !/^https?:$/.test(new URL(publicUrl).protocol) || /[?#]/.test(publicUrl)) {
    throw new TypeError(
      'publicUrl must be the http(s) URL of the mount point as clients see it, without query.',
    );
  }
  return publicUrl.replace(/\/+$/, '');
}
