import type { ChannelOptions, FixedCodeOptions, LoginConfigOptions } from '../options.js';

/** Every name of `Options`, for `assertKnownOptions`; the compiler keeps the list complete. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

// Stryker disable BooleanLiteral: only the names are read, and the compiler takes nothing but true.

export const FIXED_CODE_OPTIONS: OptionNames<FixedCodeOptions> = {
  identifier: true,
  code: true,
  expiresAt: true,
};

export const CHANNEL_OPTIONS: OptionNames<ChannelOptions> = {
  sender: true,
  sendersByCountry: true,
  retryChannel: true,
  countries: true,
  codeLength: true,
  ttlSeconds: true,
  locale: true,
  message: true,
};

export const LOGIN_CONFIG_OPTIONS: OptionNames<LoginConfigOptions> = {
  ...CHANNEL_OPTIONS,
  channel: true,
};

/**
 * For adapters and stores too: a name that nobody knows is a misspelt one, and what it was to protect would stay
 * unprotected. `field` is what the options are called.
 * @throws TypeError that lists the names.
 */
export function assertKnownOptions(
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
