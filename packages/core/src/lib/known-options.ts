import type {
  ChannelOptions,
  ConversionOptions,
  CookieOptions,
  FixedCodeOptions,
  LimitOptions,
  LoginConfigOptions,
  OtpServiceOptions,
} from './options.js';

type Names<Options> = Readonly<Record<keyof Options, true>>;

// Stryker disable BooleanLiteral: only the names are read, and the compiler takes nothing but true.

/** Every name that a host may write; the compiler keeps these complete. */
export const SERVICE_OPTIONS: Names<OtpServiceOptions> = {
  appId: true,
  appName: true,
  issuer: true,
  keyring: true,
  signingKeys: true,
  store: true,
  channels: true,
  messages: true,
  domain: true,
  loginConfigs: true,
  fixedCodes: true,
  challengeIssuers: true,
  recipientOf: true,
  guard: true,
  onBlock: true,
  waitUntil: true,
  onEvent: true,
  origins: true,
  cookie: true,
  publicUrl: true,
  limits: true,
  dangerouslyDisableLimits: true,
  limitCode: true,
  retryIntervalSeconds: true,
  clock: true,
  randomness: true,
  fetch: true,
};

export const LIMIT_OPTIONS: Names<LimitOptions> = {
  recipient: true,
  clientAddress: true,
  clientNetwork: true,
  numberPrefix: true,
  app: true,
  conversion: true,
  userFailures: true,
  consecutiveFailures: true,
};

export const CONVERSION_OPTIONS: Names<ConversionOptions> = {
  prefixSends: true,
  countrySends: true,
  leastShare: true,
  afterSeconds: true,
  blockSeconds: true,
  blockCountries: true,
};

export const COOKIE_OPTIONS: Names<CookieOptions> = { sameSite: true, hostPrefix: true };

export const FIXED_CODE_OPTIONS: Names<FixedCodeOptions> = {
  identifier: true,
  code: true,
  expiresAt: true,
};

export const CHANNEL_OPTIONS: Names<ChannelOptions> = {
  sender: true,
  sendersByCountry: true,
  retryChannel: true,
  countries: true,
  codeLength: true,
  ttlSeconds: true,
  locale: true,
  message: true,
};

export const LOGIN_CONFIG_OPTIONS: Names<LoginConfigOptions> = {
  ...CHANNEL_OPTIONS,
  channel: true,
};

/**
 * A name that we do not know is a misspelt one, and what it was to protect would stay unprotected.
 * @throws TypeError that lists the names.
 */
export function assertKnown(
  options: object,
  known: Readonly<Record<string, true>>,
  field: string,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    const names = Object.keys(known).join(', ');
    throw new TypeError(`${field} has no option ${unknown.slice(0, 64)}; it takes ${names}.`);
  }
}
