import { SettingError } from './setting-error.js';

/** `OTP_SMTP_URL`, `TWILIO_…` and `AWS_…`, taken apart; what they leave out goes to the inbox. */
export interface SenderSettings {
  readonly smtp?: { readonly url: string; readonly from: string };
  readonly twilio?: TwilioSettings;
  readonly ses?: { readonly region: string; readonly from: string };
  readonly sns?: { readonly region: string; readonly senderId: string | undefined };
}

export interface TwilioSettings {
  readonly accountSid: string;
  readonly auth: { authToken: string } | { apiKeySid: string; apiKeySecret: string };
  /** Undefined: SMS goes elsewhere. */
  readonly from: string | undefined;
  readonly whatsapp: { readonly from: string; readonly contentSid: string } | undefined;
  readonly baseUrl: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws SettingError; the message repeats nothing, for a URL or a token is a secret. */
export function readSenderSettings(env: Env): SenderSettings {
  const smtp = readSmtp(env);
  const twilio = readTwilio(env);
  const { ses, sns } = readAws(env);
  return {
    ...(smtp && { smtp }),
    ...(twilio && { twilio }),
    ...(ses && { ses }),
    ...(sns && { sns }),
  };
}

/** For an example that has none of them. @throws SettingError when the settings name one. */
export function refuseSenders({ senders }: { readonly senders: SenderSettings }): void {
  if (Object.keys(senders).length === 0) return;
  throw new SettingError('OTP_SMTP_URL, TWILIO_… and AWS_… are not served by this example.');
}

function readSmtp({ OTP_SMTP_URL: url, OTP_SMTP_FROM: from }: Env) {
  if (!url) return undefined;
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (!/^smtps?:$/.test(protocol) || hostname === '') {
    throw new SettingError('OTP_SMTP_URL must be smtp://… or smtps://…, like smtp://localhost:25.');
  }
  return { url, from: from || 'OTP Demo <otp-demo@localhost>' };
}

function readTwilio(env: Env): TwilioSettings | undefined {
  const given = Object.keys(env).some((name) => name.startsWith('TWILIO_') && env[name]);
  if (!given) return undefined;
  const from = env.TWILIO_FROM || env.TWILIO_MESSAGING_SERVICE_SID || undefined;
  const whatsapp = env.TWILIO_WHATSAPP_FROM || undefined;
  if (from === undefined && whatsapp === undefined) {
    throw new SettingError(
      'TWILIO_FROM, TWILIO_MESSAGING_SERVICE_SID or TWILIO_WHATSAPP_FROM must say who sends.',
    );
  }
  return {
    accountSid: required(env, 'TWILIO_ACCOUNT_SID'),
    auth: env.TWILIO_API_KEY_SID
      ? {
          apiKeySid: env.TWILIO_API_KEY_SID,
          apiKeySecret: required(env, 'TWILIO_API_KEY_SECRET'),
        }
      : { authToken: required(env, 'TWILIO_AUTH_TOKEN') },
    from,
    whatsapp:
      whatsapp === undefined
        ? undefined
        : { from: whatsapp, contentSid: required(env, 'TWILIO_WHATSAPP_TEMPLATE') },
    baseUrl: env.TWILIO_BASE_URL || undefined,
  };
}

/** `AWS_REGION` and credentials alone may be there for something else, and send nothing. */
function readAws(env: Env): Pick<SenderSettings, 'ses' | 'sns'> {
  const { AWS_SES_FROM: from, AWS_SNS: on, AWS_SNS_SENDER_ID: senderId } = env;
  if (on && on !== 'on') throw new SettingError('AWS_SNS must be on, or unset.');
  if (!from && !on) return {};
  const region = required(env, 'AWS_REGION');
  return {
    ...(from && { ses: { region, from } }),
    ...(on && { sns: { region, senderId: senderId || undefined } }),
  };
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (!value) throw new SettingError(`${name} must be set too.`);
  return value;
}
