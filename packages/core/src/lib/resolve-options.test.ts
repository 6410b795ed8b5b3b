import { serviceOptions } from '@otp/test/service-options';
import { createTestIssuer } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { ChannelOptions } from './channels/channels.js';
import type { OtpServiceOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';
import { createOtpService } from './service.js';

const VALID = serviceOptions();
const sender = { send: async () => undefined };
const issuer = createTestIssuer('https://issuer.example');
const trusted = { issuer: issuer.issuer, jwks: { keys: [issuer.jwk] } };

type Changes = { readonly [Name in keyof OtpServiceOptions]?: unknown };

/** Options that a host without types could write. */
const withChanges = (changes: Changes) =>
  ({ ...VALID, ...changes }) as unknown as OtpServiceOptions;
const resolve = (changes: Changes = {}) => resolveOptions(withChanges(changes), new Set());

const sms = (changes: Readonly<Record<string, unknown>>): Changes => ({
  channels: { sms: { sender, countries: ['FR'], ...changes } as ChannelOptions },
});
/** Each with the option that the sentence has to name, and what it has to tell the developer to write. */
const BAD: readonly (readonly [option: string, says: RegExp, changes: Changes])[] = [
  ...[undefined, null, '', 'a b', 'a;b', 'a=b', 'a\r\nb', 'x'.repeat(65), 'é', 1].map(
    (appId) => ['appId', /1 to 64 of A-Z a-z 0-9 _ -/, { appId }] as const,
  ),
  ...['', ' ', 1, null, 'x'.repeat(513)].map(
    (appName) => ['appName', /string of 1 to 512/, { appName }] as const,
  ),
  ...['Shop\nBcc: x', 'Shop\r', '\0Shop', 'Shop\x7f', 'Shop\u2028', '\u2029Shop', 'Shop\u0085'].map(
    (appName) => ['appName', /one line/, { appName }] as const,
  ),
  ...[undefined, '', 1, null].map(
    (each) => ['issuer', /string of 1 to 512|baseUrl/, { issuer: each }] as const,
  ),
  ['secret', /32 random bytes/, { keyring: undefined, signingKeys: undefined }],
  ['keyring', /beside it/, { keyring: undefined }],
  ['keyring.active', /one of the key ids/, { keyring: {} }],
  ['keyring.active', /one of the key ids/, { keyring: { ...VALID.keyring, active: 'x' } }],
  ['keyring.limits', /32 random bytes/, { keyring: { ...VALID.keyring, limits: 'x' } }],
  ['signingKeys', /beside it/, { signingKeys: undefined }],
  ['signingKeys', /otp-keys/, { signingKeys: [] }],
  ['signingKeys[0]', /otp-keys/, { signingKeys: [{}] }],
  ['store', /createMemoryStore\(\)/, { store: undefined }],
  ['store', /createMemoryStore\(\)/, { store: null }],
  ['store', /createMemoryStore\(\)/, { store: {} }],
  ...(
    [
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
    ] as const
  ).map((verb) => {
    const partial = Object.create(VALID.store, { [verb]: { value: undefined, enumerable: true } });
    return ['store', new RegExp(`no ${verb}\\(\\)`), { store: partial }] as const;
  }),
  ['challengeIssuers', /an array/, { challengeIssuers: trusted }],
  ['challengeIssuers[0]', /an object/, { challengeIssuers: [null] }],
  ['challengeIssuers[0].issuer', /a string/, { challengeIssuers: [{ jwks: trusted.jwks }] }],
  [
    'challengeIssuers[0].jwksUrl',
    /https/,
    { challengeIssuers: [{ issuer: 'x', jwksUrl: 'http://x.example' }] },
  ],
  ['challengeIssuers[0]', /keys/, { challengeIssuers: [{ issuer: 'x' }] }],
  ['challengeIssuers', /each issuer once/, { challengeIssuers: [trusted, trusted] }],
  ['challengeIssuers', /our own/, { challengeIssuers: [{ ...trusted, issuer: VALID.issuer }] }],
  ...(['findRecipient', 'guard', 'waitUntil', 'onEvent', 'now', 'fetch'] as const).flatMap((name) =>
    ['text', {}, null].map((value) => [name, /must be a function/, { [name]: value }] as const),
  ),
  ['onBlock', /forbidden, silent/, { onBlock: 'allow' }],
  ['onBlock', /forbidden, silent/, { onBlock: null }],
  ['onBlock', /waitUntil/, { onBlock: 'silent' }],
  ['origins', /array/, { origins: 'https://app.example.com' }],
  ...[
    '*',
    'https://*',
    'https://*.com',
    'https://*.localhost:3000',
    'https://*.*.example.com',
    'https://a*b*.example.com',
    'https://app.*.example.com',
    'https://*.example.com/',
    'https://*.example.com:443',
    'https://*.example.com:*',
    'https://*.EXAMPLE.com',
    'https://*.0.0.1',
    '*.example.com',
    '*://a.example.com',
    'capacitor://*',
    'capacitor://localhost/',
    'Capacitor://localhost',
    'capacitor:localhost',
    'null',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/x',
    'HTTPS://app.example.com',
    'https://app.example.com:443',
    '',
    1,
    null,
  ].map((origin) => ['origins', /https:\/\/app\.example\.com/, { origins: [origin] }] as const),
  ['origins', /a function/, { origins: null }],
  ['allowedHeaders', /an array/, { allowedHeaders: 'x-api-version' }],
  ...['*', '', 'x api', 'x-api:', 'x\r\ny', 'x, y', 'é', 1].map(
    (name) => ['allowedHeaders', /name of a header field/, { allowedHeaders: [name] }] as const,
  ),
  ['cookie', /./, { cookie: null }],
  ['cookie', /./, { cookie: 'Lax' }],
  ['cookie.sameSite', /Strict, Lax, None/, { cookie: { sameSite: 'lax' } }],
  ['cookie.hostPrefix', /true or false/, { cookie: { hostPrefix: 'no' } }],
  ...[
    'api.example.com',
    'ws://x.example',
    'https://api.example.com/',
    'https://api.example.com/v1',
    1,
    null,
  ].map((baseUrl) => ['baseUrl', /the origin of the API/, { baseUrl }] as const),
  ...['api.example.com', '/v1', 'ftp://x', ' https://api.example.com', '', 1, null].map(
    (publicUrl) => ['publicUrl', /http/, { publicUrl }] as const,
  ),
  ...[
    { publicUrl: 'HTTPS://api.example.com/otp' },
    { baseUrl: 'https://api.example.com', publicUrl: 'http://localhost/otp' },
  ].map((urls) => {
    const cookie = { dangerouslyAllowHttp: true };
    return ['cookie.dangerouslyAllowHttp', /https/, { ...urls, cookie }] as const;
  }),
  ['limits.app', /max, windowSeconds/, { limits: { app: [] } }],
  ['dangerouslyDisableLimits', /true or false/, { dangerouslyDisableLimits: 'false' }],
  ['limitErrorCode', /auth_blocked, rate_limited/, { limitErrorCode: 429 }],
  ...[-1, 601, 0.5, '30', null].map(
    (each) => ['retryIntervalSeconds', /from 0 to 600/, { retryIntervalSeconds: each }] as const,
  ),
  ...(['storeTimeoutMs', 'sendTimeoutMs', 'callbackTimeoutMs'] as const).flatMap((name) =>
    [0, 60_001, 1.5, '1000', null].map(
      (each) => [name, /from 1 to 60000/, { [name]: each }] as const,
    ),
  ),
  ['randomness', /bytes|int/, { randomness: null }],
  ['randomness', /bytes|int/, { randomness: {} }],
  ['randomness', /bytes|int/, { randomness: Math.random }],
];

function spelled(changes: Changes): string {
  return JSON.stringify(changes, (_, value) => {
    if (typeof value === 'function') return 'function';
    return value === undefined ? 'undefined' : value;
  }).slice(0, 100);
}

describe('createOtpService: options', () => {
  it.each(
    BAD.map(([option, says, changes]) => ({
      option: option === 'appId' ? 'appId (K02)' : option,
      name: option,
      says,
      changes,
      text: spelled(changes),
    })),
  )(
    'refuses $option as $text with a TypeError that names it and says what to write',
    ({ name, says, changes }) => {
      const create = () => createOtpService(withChanges(changes));
      expect(create).toThrow(TypeError);
      expect(create).toThrow(name);
      expect(create).toThrow(says);
    },
  );

  it.each([undefined, null, 'options', 1])('refuses %j as options', (options) => {
    const create = () => createOtpService(options as unknown as OtpServiceOptions);
    expect(create).toThrow(new TypeError('the options of createOtpService() must be an object.'));
  });

  it('fills every default as documented', () => {
    const config = resolve();
    expect(config).toMatchObject({
      appName: 'app',
      onBlock: 'forbidden',
      limitErrorCode: 'auth_blocked',
      cookie: { name: '__verification-login_app', sameSite: 'Lax' },
      gapsSeconds: [30, 60, 120, 240],
      now: Date.now,
    });
    const absent = [
      config.origins,
      config.publicUrl,
      config.guard,
      config.findRecipient,
      config.waitUntil,
    ];
    expect(absent).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it.each<[string, Changes]>([
    ['no wait between sends', { retryIntervalSeconds: 0 }],
    ['an app id of 64 characters', { appId: 'a'.repeat(64) }],
    ['an app name in any script', { appName: 'Café «ショップ» 🛍' }],
    ['an origin with a port', { origins: ['http://localhost:3000'] }],
    ['no origins at all', { origins: [] }],
    ['an origin of a custom scheme', { origins: ['capacitor://localhost', 'app://.'] }],
    ['a pattern of origins', { origins: ['http://pr-*.eu.example.com:8080'] }],
    ['a function of the origin', { origins: () => true }],
    ['a silent block with waitUntil', { onBlock: 'silent', waitUntil: () => {} }],
    ['another issuer', { challengeIssuers: [trusted] }],
    ['the __Host- cookie', { cookie: { hostPrefix: true, sameSite: 'Strict' } }],
  ])('takes %s', (_, changes) => {
    expect(() => resolve(changes)).not.toThrow();
  });

  it('derives issuer and public URL from the base URL, unless they are set', () => {
    const baseUrl = 'https://api.example.com';
    expect(resolve({ baseUrl, issuer: undefined })).toMatchObject({
      issuer: baseUrl,
      publicUrl: 'https://api.example.com/v1/session/otp',
    });
    const own = { issuer: 'https://id.example', publicUrl: 'https://api.example.com/otp' };
    expect(resolve({ baseUrl, ...own })).toMatchObject(own);
  });

  it.each([
    [{ origins: ['https://app.example.com:8443'] }, '\n\n@app.example.com #123456'],
    [{ origins: ['https://a.example', 'https://b.example'] }, undefined],
    [{ origins: ['https://a.example'], domain: 'b.example' }, '\n\n@b.example #123456'],
    [{}, undefined],
    [{ origins: ['https://app_x.example.com'] }, undefined],
    [{ origins: ['https://*.example.com'] }, undefined],
    [{ origins: ['capacitor://localhost'] }, undefined],
    [{ origins: () => true }, undefined],
    [{ origins: ['http://[::1]:3000'] }, undefined],
  ])('with %j an SMS ends with %j', (changes, end) => {
    const { channels } = resolve({ ...sms({}), ...changes });
    const input = { code: '123456', appName: 'Shop', locale: 'en', minutes: 10 };
    const text = channels.sms?.message(input).text ?? '';
    expect(text.endsWith(end ?? 'Never share it.')).toBe(true);
  });

  it('takes the slash off the end of the public URL', () => {
    expect(resolve({ publicUrl: 'https://api.example.com/v1/session/otp/' }).publicUrl).toBe(
      'https://api.example.com/v1/session/otp',
    );
  });

  it('lifts the limits only when told true', () => {
    expect(resolve({ dangerouslyDisableLimits: true }).limits).toBeUndefined();
    expect(resolve({ dangerouslyDisableLimits: false }).limits).toBeDefined();
  });

  it('leaves the options of the host as they are', () => {
    const options = withChanges({ origins: ['https://app.example.com'] });
    const before = JSON.stringify(options);
    createOtpService(options);
    expect(JSON.stringify(options)).toBe(before);
  });

  it('asks neither store nor network', () => {
    const asked: string[] = [];
    const store = new Proxy(VALID.store, {
      get: (target, name, receiver) => {
        const value: unknown = Reflect.get(target, name, receiver);
        return typeof value === 'function' ? () => asked.push(String(name)) : value;
      },
    });
    const fetch = () => asked.push('fetch');
    const remote = { issuer: 'https://other.example', jwksUrl: 'https://other.example/jwks' };
    createOtpService(withChanges({ store, fetch, challengeIssuers: [remote] }));
    expect(asked).toEqual([]);
  });

  it('returns a frozen service that shows no key', () => {
    const service = createOtpService(VALID);
    expect(Object.isFrozen(service)).toBe(true);
    const { appId, cookieName } = service;
    expect(JSON.parse(JSON.stringify(service))).toEqual({ appId, cookieName });
  });
});

describe('misspelt options', () => {
  it.each([
    [{ orgins: [] }, 'createOtpService() has no option orgins; it takes appId, '],
    [{ cookie: { samesite: 'Lax' } }, 'cookie has no option samesite; it takes sameSite, '],
    [{ publicUrl: 'https://a.example/?x=1' }, 'publicUrl must be'],
    [{ keyring: '{}' }, 'received a string: pass JSON.parse(value).'],
    [{ signingKeys: '[]' }, 'received a string: pass JSON.parse(value).'],
  ])('%j are refused in a sentence that says what to write', (change, sentence) => {
    const options = Object.assign(serviceOptions(), change);
    expect(() => createOtpService(options)).toThrow(sentence);
  });
});
