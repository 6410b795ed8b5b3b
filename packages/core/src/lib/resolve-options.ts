import * as v from 'valibot';
import { DEFAULT_BASE_PATH } from './adapters/adapter-options.js';
import { resolveIssuers } from './challenge/resolve-issuers.js';
import { resolveDelivery } from './channels/resolve-delivery.js';
import type { OtpConfig } from './config.js';
import { createEmitter, type Warning } from './events/events.js';
import { describeError } from './events/redact.js';
import { COOKIE_OPTIONS, resolveCookie } from './http/cookie.js';
import { ALLOWED_HEADERS, toAllowedHeaders } from './http/cors.js';
import { isOrigin, ORIGINS, onlyHost, toIsAllowed } from './http/origins.js';
import { TRANSPORTS } from './http/transport.js';
import { defaultMailboxOf, type MailboxOf } from './identifier/mailbox.js';
import { NODE_RANDOMNESS } from './keys/randomness.js';
import { resolveKeys } from './keys/resolve-keys.js';
import { assertConsistent } from './limit-options/contradictions.js';
import { DEFAULT_INTERVAL_SECONDS } from './limit-options/default-limits.js';
import { resolveLimits } from './limit-options/limit-options.js';
import { toGaps } from './limits/intervals.js';
import { isHost, resolveMessages } from './messages/resolve-messages.js';
import type { OtpServiceOptions } from './options.js';
import type { Guard, OtpStore, Randomness } from './ports.js';
import {
  boolean,
  checkedElsewhere,
  fn,
  instance,
  integer,
  oneLine,
  oneOf,
  optionsOf,
  parseOptions,
  text,
} from './util/schema.js';

const STORE_METHODS = [
  'open',
  'read',
  'reserveSend',
  'recordSend',
  'cancel',
  'reserveCheck',
  'complete',
  'charge',
  'reset',
  'ping',
] as const;

const SERVICE_OPTIONS = optionsOf<OtpServiceOptions>()({
  appId: v.custom<string>(
    (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value),
    'must be 1 to 64 of A-Z a-z 0-9 _ -, because it is part of the name of the cookie',
  ),
  appName: v.optional(oneLine('must be one line, because it is part of messages')),
  baseUrl: v.optional(
    v.custom<string>(isOrigin, 'must be the origin of the API, like https://api.example.com'),
  ),
  issuer: v.optional(text()),
  secret: checkedElsewhere<OtpServiceOptions['secret']>(),
  keyring: checkedElsewhere<OtpServiceOptions['keyring']>(),
  signingKeys: checkedElsewhere<OtpServiceOptions['signingKeys']>(),
  store: instance<OtpStore>(STORE_METHODS, 'must be an OtpStore, for example createMemoryStore()'),
  channels: checkedElsewhere<OtpServiceOptions['channels']>(),
  messages: checkedElsewhere<OtpServiceOptions['messages']>(),
  domain: checkedElsewhere<OtpServiceOptions['domain']>(),
  loginConfigs: checkedElsewhere<OtpServiceOptions['loginConfigs']>(),
  fixedCodes: checkedElsewhere<OtpServiceOptions['fixedCodes']>(),
  challengeIssuers: checkedElsewhere<OtpServiceOptions['challengeIssuers']>(),
  findRecipient: v.optional(fn<NonNullable<OtpServiceOptions['findRecipient']>>()),
  stepUpRecipientHint: v.optional(boolean(), false),
  guard: v.optional(fn<Guard>()),
  onBlock: v.optional(oneOf(['forbidden', 'silent']), 'forbidden'),
  waitUntil: v.optional(fn<NonNullable<OtpServiceOptions['waitUntil']>>()),
  onEvent: v.optional(fn<NonNullable<OtpServiceOptions['onEvent']>>()),
  origins: v.optional(ORIGINS),
  allowedHeaders: v.optional(ALLOWED_HEADERS, []),
  pkce: v.optional(oneOf(['optional', 'required']), 'optional'),
  transport: v.optional(oneOf(TRANSPORTS), 'cookie'),
  cookie: v.optional(COOKIE_OPTIONS, {}),
  publicUrl: v.optional(
    v.custom<string>(
      isHttpUrl,
      'must be the http(s) URL of the mount point as clients see it, without a query',
    ),
  ),
  limits: checkedElsewhere<OtpServiceOptions['limits']>(),
  mailboxOf: v.optional(fn<MailboxOf>(), () => defaultMailboxOf),
  dangerouslyDisableLimits: v.optional(boolean(), false),
  limitErrorCode: v.optional(oneOf(['auth_blocked', 'rate_limited']), 'auth_blocked'),
  retryIntervalSeconds: v.optional(integer(0, 600), DEFAULT_INTERVAL_SECONDS),
  storeTimeoutMs: v.optional(integer(1, 60_000), 2_000),
  sendTimeoutMs: v.optional(integer(1, 60_000), 6_000),
  callbackTimeoutMs: v.optional(integer(1, 60_000), 1_000),
  now: v.optional(fn<() => number>(), () => Date.now),
  randomness: v.optional(
    instance<Randomness>(['bytes', 'int'], 'must have the functions bytes(size) and int(below)'),
    NODE_RANDOMNESS,
  ),
  fetch: v.optional(fn<typeof globalThis.fetch>()),
});

function isHttpUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  return /^https?:$/.test(new URL(value).protocol) && !/[?#\s]/.test(value);
}

/**
 * Checks every option and fills in the defaults.
 *
 * @param background collects the work that `waitUntil` is given
 * @throws TypeError that names the option and says what to write
 */
export function resolveOptions(
  options: OtpServiceOptions,
  background: Set<Promise<unknown>>,
): OtpConfig {
  const parsed = parseOptions(SERVICE_OPTIONS, options, 'createOtpService()');
  const { appId, appName = appId, baseUrl, issuer = baseUrl, now, randomness, origins } = parsed;
  if (issuer === undefined) {
    throw new TypeError(
      'issuer must be the `iss` of the tokens that the service signs; baseUrl gives it a default.',
    );
  }
  if (parsed.onBlock === 'silent' && parsed.waitUntil === undefined) {
    throw new TypeError(
      "onBlock 'silent' needs waitUntil: otherwise the time that sending takes tells decoys apart.",
    );
  }
  const publicUrl = (parsed.publicUrl ?? (baseUrl && `${baseUrl}${DEFAULT_BASE_PATH}`))?.replace(
    /\/+$/,
    '',
  );
  const { keyring, signer, verifiers, jwks } = resolveKeys(options);
  const limits = resolveLimits(options.limits);
  assertConsistent(options.limits ?? {}, options.retryIntervalSeconds);
  const emit = createEmitter(parsed.onEvent);
  const messages = resolveMessages({ ...options, ...domainOf(options) });
  return Object.freeze({
    appId,
    appName,
    issuer,
    keyring,
    signer,
    issuers: resolveIssuers({ issuer, verifiers }, options.challengeIssuers, {
      now,
      fetch: parsed.fetch,
      onError: (error) => emit({ type: 'fault', during: 'jwks', error: describeError(error) }),
    }),
    jwks,
    store: parsed.store,
    storeTimeoutMs: parsed.storeTimeoutMs,
    sendTimeoutMs: parsed.sendTimeoutMs,
    callbackTimeoutMs: parsed.callbackTimeoutMs,
    ...resolveDelivery(options, { messages, emit, now }),
    locales: messages.locales,
    findRecipient: parsed.findRecipient,
    guard: parsed.guard,
    mailboxOf: parsed.mailboxOf,
    onBlock: parsed.onBlock,
    waitUntil: trackWork(parsed.waitUntil, background),
    unwaited: new Set<Promise<unknown>>(),
    emit,
    warn: onceEach((warning) => emit({ type: 'warning', warning })),
    origins: origins && toIsAllowed(origins),
    allowedHeaders: toAllowedHeaders(parsed.allowedHeaders),
    pkce: parsed.pkce,
    transport: parsed.transport,
    cookie: resolveCookie(appId, parsed.cookie, {
      isProduction:
        process.env.NODE_ENV === 'production' ||
        [publicUrl, baseUrl].some((url) => /^https:/i.test(url ?? '')),
    }),
    publicUrl,
    stepUpRecipientHint: parsed.stepUpRecipientHint,
    limits: parsed.dangerouslyDisableLimits ? undefined : limits,
    limitErrorCode: parsed.limitErrorCode,
    gapsSeconds: toGaps(parsed.retryIntervalSeconds),
    now,
    random: randomness,
  });
}

/** With one origin, codes are entered on its pages. */
function domainOf({ domain, origins }: OtpServiceOptions): { domain?: string } {
  if (domain !== undefined) return { domain };
  const host = onlyHost(origins);
  return isHost(host) ? { domain: host } : {};
}

function onceEach(raise: (warning: Warning) => void): (warning: Warning) => void {
  const raised = new Set<Warning>();
  return (warning) => {
    if (raised.has(warning)) return;
    raised.add(warning);
    raise(warning);
  };
}

function trackWork(waitUntil: OtpServiceOptions['waitUntil'], background: Set<Promise<unknown>>) {
  if (waitUntil === undefined) return undefined;
  return (work: Promise<unknown>) => {
    const tracked = work.finally(() => background.delete(tracked));
    background.add(tracked);
    return waitUntil(tracked);
  };
}
