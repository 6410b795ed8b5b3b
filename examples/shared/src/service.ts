import {
  createOtpService,
  type OtpEvent,
  type OtpService,
  type OtpServiceOptions,
  type Sender,
} from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import { SettingError } from './setting-error.js';
import { type Settings, urlHost } from './settings.js';

/** Who sends, by channel. */
export interface Senders {
  readonly sms: Sender | readonly Sender[];
  readonly email: Sender | readonly Sender[];
  readonly whatsapp?: Sender;
}

/**
 * The service as the settings want it.
 * @throws SettingError that names the variable whose value the library refuses.
 */
export function createDemoService(
  settings: Settings,
  senders: Senders,
  store: OtpStore,
): OtpService {
  try {
    return createOtpService(toOptions(settings, senders, store));
  } catch (error) {
    throw nameVariable(error);
  }
}

function toOptions(settings: Settings, senders: Senders, store: OtpStore): OtpServiceOptions {
  const { appId, blocked, publicUrl, countries, limits } = settings;
  return {
    appId,
    appName: 'OTP Demo',
    issuer: `urn:otp-demo:${appId}`,
    secret: settings.secret,
    store,
    channels: {
      sms: { sender: senders.sms, countries },
      email: { sender: senders.email },
    },
    ...(senders.whatsapp && { loginConfigs: viaWhatsapp(senders.whatsapp, countries) }),
    domain: domainOf(publicUrl),
    challengeIssuers: settings.challengeIssuers,
    guard: ({ identifier }) => (blocked.has(identifier.value) ? 'block' : 'allow'),
    onBlock: settings.onBlock,
    // This process stays alive behind the answer; decoys need sending to be off the clock.
    ...(settings.onBlock === 'silent' ? { waitUntil: () => {} } : {}),
    ...(settings.origins === undefined ? {} : { origins: ownOrigins(settings) }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    retryIntervalSeconds: settings.retryIntervalSeconds,
    transport: settings.transport,
    cookie: COOKIES[settings.sameSite],
    dangerouslyDisableLimits: limits === 'off',
    onEvent: (event) => logFaults(event, settings),
  };
}

const COOKIES = {
  lax: { sameSite: 'Lax' },
  strict: { sameSite: 'Strict' },
  none: { sameSite: 'None' },
  partitioned: { sameSite: 'None', partitioned: true },
} as const satisfies Record<Settings['sameSite'], OtpServiceOptions['cookie']>;

/** For a client that sends `login_config_id`: without one, a number gets an SMS. */
function viaWhatsapp(sender: Sender, countries: Settings['countries']) {
  const flows = ['standalone', 'step-up'] as const;
  return { whatsapp: { channel: 'whatsapp', flows, sender, countries } } as const;
}

/** Where the pages are, for the last line of an SMS. */
function domainOf(publicUrl = ''): string {
  const host = URL.canParse(publicUrl) ? new URL(publicUrl).hostname : '';
  return /^[a-z0-9.-]+$/.test(host) ? host : 'localhost';
}

/** The demo's own pages, whatever else is allowed. */
function ownOrigins(settings: Settings): string[] {
  const { origins = [], port } = settings;
  const names = ['localhost', '127.0.0.1', urlHost(settings)];
  // Listed ones first, so that an error counts them as the variable does.
  return [...origins, ...names.map((name) => new URL(`http://${name}:${port}`).origin)];
}

/** How the library's complaints begin, and what the option is called in the environment. */
const VARIABLES = [
  ['secret', 'OTP_SECRET'],
  ['appId', 'OTP_APP_ID'],
  ['channels.sms.countries', 'OTP_COUNTRIES'],
  ['challengeIssuers[0].jwks', 'OTP_CHALLENGE_JWKS'],
  ['challengeIssuers', 'OTP_CHALLENGE_ISSUER'],
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
function logFaults(event: OtpEvent, { senders }: Settings): void {
  const { type } = event;
  const isDelivery = type === 'send_failed' || (type === 'fault' && event.during === 'delivery');
  const isRecord = type === 'refused' && event.reason?.startsWith('record_');
  // The inbox fails where it was told to; why a provider does is worth a line.
  const isTold = isDelivery && Object.keys(senders).length === 0;
  if (!isTold && (isDelivery || isRecord || type === 'fault')) console.error(event);
}
