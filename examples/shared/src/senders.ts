import type { Sender } from '@otp/core';
import type { SenderSettings, TwilioSettings } from './sender-setting.js';
import type { Senders } from './service.js';
import { SettingError } from './setting-error.js';

/**
 * The real senders that the settings name, by channel; of two for one channel the second is asked when the first fails.
 * Drivers are loaded only where they are used.
 */
export async function openSenders({
  smtp,
  twilio,
  ses,
  sns,
}: SenderSettings): Promise<Partial<Senders>> {
  const byTwilio = twilio && (await openTwilio(twilio));
  const email = [
    smtp && (await named('OTP_SMTP_URL, OTP_SMTP_FROM', () => openSmtp(smtp))),
    ses && (await named('AWS_SES_FROM', () => openSes(ses))),
  ].filter((sender) => sender !== undefined);
  const sms = [byTwilio?.sms, sns && (await named('AWS_SNS', () => openSns(sns)))].filter(
    (sender) => sender !== undefined,
  );
  return {
    ...(email.length > 0 && { email }),
    ...(sms.length > 0 && { sms }),
    ...(byTwilio?.whatsapp && { whatsapp: byTwilio.whatsapp }),
  };
}

/** What a sender refuses is a setting that was read from these variables. */
async function named<T>(variables: string, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SettingError(`${variables}: ${error.message}`, { cause: error });
  }
}

const TIMEOUTS = { connectionTimeout: 2_000, greetingTimeout: 2_000, socketTimeout: 3_000 };
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

async function openSmtp({ url, from }: NonNullable<SenderSettings['smtp']>): Promise<Sender> {
  const { createSmtpSender } = await import('@otp/sender-smtp');
  const { createTransport } = await import('nodemailer');
  // A server for development has a certificate of its own making, and what it gets goes nowhere.
  const isLocal = THIS_MACHINE.has(new URL(url).hostname);
  const tls = isLocal ? { tls: { rejectUnauthorized: false } } : {};
  const transport = createTransport({ url, ...TIMEOUTS, ...tls });
  return createSmtpSender({ transport, from });
}

async function openTwilio(settings: TwilioSettings): Promise<{ sms?: Sender; whatsapp?: Sender }> {
  const { createTwilioSender } = await import('@otp/sender-twilio');
  const { accountSid, auth, from, whatsapp, baseUrl } = settings;
  const account = { accountSid, auth, ...(baseUrl === undefined ? {} : { baseUrl }) };
  const sms =
    from !== undefined &&
    (await named('TWILIO_ACCOUNT_SID, TWILIO_FROM', () =>
      createTwilioSender({ ...account, from }),
    ));
  const viaWhatsapp =
    whatsapp !== undefined &&
    (await named('TWILIO_ACCOUNT_SID, TWILIO_WHATSAPP_FROM', () =>
      createTwilioSender({
        ...account,
        from: whatsapp.from,
        whatsappTemplate: { contentSid: whatsapp.contentSid },
      }),
    ));
  return { ...(sms && { sms }), ...(viaWhatsapp && { whatsapp: viaWhatsapp }) };
}

async function openSes({ region, from }: NonNullable<SenderSettings['ses']>): Promise<Sender> {
  const { createSesSender } = await import('@otp/sender-aws/ses');
  const { SESv2Client } = await import('@aws-sdk/client-sesv2');
  return createSesSender({ client: new SESv2Client({ region, maxAttempts: 1 }), from });
}

async function openSns({ region, senderId }: NonNullable<SenderSettings['sns']>): Promise<Sender> {
  const { createSnsSender } = await import('@otp/sender-aws/sns');
  const { SNSClient } = await import('@aws-sdk/client-sns');
  const client = new SNSClient({ region, maxAttempts: 1 });
  return createSnsSender({ client, ...(senderId === undefined ? {} : { senderId }) });
}
