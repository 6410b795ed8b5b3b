import {
  createOtpService,
  type OtpEvent,
  type OtpService,
  type OtpServiceOptions,
  type OtpStore,
  type Sender,
} from '@otp/core';
import { deriveKeys } from './keys.js';
import { SettingError } from './setting-error.js';
import { type Settings, urlHost } from './settings.js';

/**
 * The service as the settings want it.
 * @throws SettingError that names the variable whose value the library refuses.
 */
export function createDemoService(settings: Settings, sender: Sender, store: OtpStore): OtpService {
  try {
    return createOtpService(toOptions(settings, sender, store));
  } catch (error) {
    throw nameVariable(error);
  }
}

function toOptions(settings: Settings, sender: Sender, store: OtpStore): OtpServiceOptions {
  const { appId, blocked, publicUrl, countries, limits } = settings;
  return {
    appId,
    appName: 'OTP Demo',
    issuer: `urn:otp-demo:${appId}`,
    ...deriveKeys(settings.secret),
    store,
    channels: {
      sms: { sender, countries },
      email: { sender },
    },
    challengeIssuers: settings.challengeIssuers,
    guard: ({ identifier }) => (blocked.has(identifier.value) ? 'block' : 'allow'),
    onBlock: settings.onBlock,
    // This process stays alive behind the answer; decoys need sending to be off the clock.
    ...(settings.onBlock === 'silent' ? { waitUntil: () => {} } : {}),
    ...(settings.origins === undefined ? {} : { origins: ownOrigins(settings) }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    retryIntervalSeconds: settings.retryIntervalSeconds,
    dangerouslyDisableLimits: limits === 'off',
    onEvent: logFaults,
  };
}

/** The demo's own pages, whatever else is allowed. */
function ownOrigins(settings: Settings): string[] {
  const { origins = [], port } = settings;
  const names = ['localhost', '127.0.0.1', urlHost(settings)];
  return [...names.map((name) => new URL(`http://${name}:${port}`).origin), ...origins];
}

/** How the library's complaints begin, and what the option is called in the environment. */
const VARIABLES = [
  ['appId', 'OTP_APP_ID'],
  ['channels.sms.countries', 'OTP_COUNTRIES'],
  ['challengeIssuers', 'OTP_CHALLENGE_ISSUER'],
  ['a trusted issuer', 'OTP_CHALLENGE_JWKS'],
  ['jwks', 'OTP_CHALLENGE_JWKS'],
  ['origins', 'OTP_ORIGINS'],
  ['publicUrl', 'OTP_PUBLIC_URL'],
] as const;

function nameVariable(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { message } = error;
  const found = VARIABLES.find(([option]) => message.startsWith(option));
  return found === undefined
    ? error
    : new SettingError(`${found[1]}: ${message}`, { cause: error });
}

/** A real host counts the other events too; one line for each would drown the demo's terminal. */
function logFaults(event: OtpEvent): void {
  if (event.type === 'fault' || event.type === 'unreadable_record') console.error(event);
}
